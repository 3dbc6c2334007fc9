using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Requant.Cli.Rules;
using Requant.CompilerServices;
using Requant.Devices;
using Requant.Numerics;

namespace Requant.Cli.Inspection;

/// <summary>Collects all that the page shows of a rule.</summary>
internal sealed partial class PaneBuilder
{
    /// <summary>The codecs that the page has a switch for.</summary>
    private static readonly StateCodecs[] AllCodecs = [StateCodecs.Declared, StateCodecs.Float32];

    private readonly RuleEntry _rule;
    private readonly string? _assembly;
    private readonly string _architecture;
    private readonly SimdWidth _width;
    private readonly ListingText _simd;
    private readonly ListingText _ilgpu;
    private readonly int _sourceLines;

    /// <param name="rule">The rule.</param>
    /// <param name="assembly">Path of its assembly; null for Requant's own optimizers.</param>
    /// <param name="architecture">What PTX is for, as in <c>sm_90</c>.</param>
    public PaneBuilder(RuleEntry rule, string? assembly, string architecture)
    {
        _rule = rule;
        _assembly = assembly;
        _architecture = PtxListing.RequireArchitecture(architecture);
        _width = SimdWidths.Widest == SimdWidth.Scalar ? SimdWidth.Vector128 : SimdWidths.Widest;
        _simd = ListingText.Read(rule.Type, "simd");
        _ilgpu = ListingText.Read(rule.Type, "ilgpu");
        _sourceLines = ListingText.Read(rule.Type, ListingText.Source).Lines.Count;
    }

    /// <summary>The elements that the page has a switch for.</summary>
    public IReadOnlyList<string> Elements { get; init; } = KernelElements.Names;

    /// <summary>The codecs that it has one for.</summary>
    public IReadOnlyList<StateCodecs> Codecs { get; init; } = AllCodecs;

    /// <param name="progress">Told what is being compiled.</param>
    public RulePanes Build(Action<string> progress)
    {
        ListingText ir = ListingText.Read(_rule.Type, "ir");
        return new RulePanes
        {
            Name = _rule.FullName,
            Assembly = Path.GetFileName(_rule.Type.Assembly.Location),
            Variants = [.. Enumerable.Range(0, _rule.Info.VariantCount).Select(variant => Describe(variant, ir))],
            Variant = _rule.DefaultVariant,
            Phases = _rule.Info.PhaseCount,
            Elements = Elements,
            Codecs = [.. Codecs.Select(codecs => codecs.ToString())],
            Architecture = _architecture,
            Width = _width.ToString(),
            Panes = new Dictionary<string, Pane>
            {
                ["source"] = Of(ListingText.Read(_rule.Type, ListingText.Source)),
                ["ir"] = WithAnchors(ir, "^kernel "),
                ["host"] = Of(ListingText.Read(_rule.Type, "rule")),
                ["scalar"] = WithAnchors(ListingText.Read(_rule.Type, "scalar"), "static void "),
                ["simd"] = WithAnchors(
                    _simd, "static void ", $"class {_width.ToString().Replace("Vector", "Simd")}"),
                ["ilgpu"] = WithAnchors(_ilgpu, "static void "),
            },
            Compiled = Compile(progress),
            Asm = List(progress),
        };
    }

    /// <summary>The codecs of a name in any case that the page has; null for others.</summary>
    public static StateCodecs? FindCodecs(string name) => AllCodecs.Select(codecs => (StateCodecs?)codecs)
        .FirstOrDefault(codecs => codecs.ToString()!.Equals(name, StringComparison.OrdinalIgnoreCase));

    private static Pane Of(ListingText text) => new(text.Lines, text.Rule);

    private static StateFormat StatesOf(StateCodecs codecs) => KernelStates.Of(codecs, null);

    private string Describe(int variant, ListingText ir)
    {
        string? method = MethodOf(variant, _rule.Info.PhaseCount - 1);
        Match? described = method is null ? null : ir.Lines.Select(line => KernelLine().Match(line))
            .FirstOrDefault(match => match.Success && match.Groups[1].Value == method);
        string text = described?.Groups[2].Value ?? "";
        return text.Length > 0 ? text : "all";
    }

    private string? MethodOf(int variant, int phase) =>
        _rule.CpuKernel(variant, phase, _width, StateFormat.Float32)?.Name;

    /// <param name="text">The text.</param>
    /// <param name="prefix">What stands before a kernel's name.</param>
    /// <param name="place">What stands before all of them.</param>
    private Pane WithAnchors(ListingText text, string prefix, string place = "")
    {
        List<string> lines = [.. text.Lines];
        int start = Math.Max(0, lines.FindIndex(line => line.Contains(place, StringComparison.Ordinal)));
        var anchors = new Dictionary<string, int>();
        for (int variant = 0; variant < _rule.Info.VariantCount; variant++)
        {
            for (int phase = 0; phase < _rule.Info.PhaseCount; phase++)
            {
                if (MethodOf(variant, phase) is { } method
                    && lines.FindIndex(start, line => Regex.IsMatch(line, $@"{prefix}{method}\b")) is >= 0 and var line)
                {
                    anchors[$"{variant}/{phase}"] = line;
                }
            }
        }

        return Of(text) with { Anchors = anchors };
    }

    private Dictionary<string, CompiledPanes> Compile(Action<string> progress)
    {
        var all = new Dictionary<string, CompiledPanes>();
        for (int variant = 0; variant < _rule.Info.VariantCount; variant++)
        {
            foreach (string elements in Elements)
            {
                foreach (StateCodecs codecs in Codecs)
                {
                    progress($"PTX of variant {variant}, {elements}, {codecs}");
                    all[$"{variant}/{elements}/{codecs}"] = Compile(
                        variant, KernelElements.Find(elements)!.Value, StatesOf(codecs));
                }
            }
        }

        return all;
    }

    /// <summary>The PTX of one way to compile the rule, and what its lines cost.</summary>
    public CompiledPanes Compile(int variant, ElementType elements, StateFormat states)
    {
        var lines = new List<string>();
        var rule = new List<int[]>();
        var via = new List<int[]>();
        var anchors = new Dictionary<string, int>();
        StepCounts? counts = _rule.Count(variant, states, elements);
        var costs = new (double Instructions, double Bytes)[_sourceLines + 1];
        var key = new LaunchKey(variant, states, elements, elements);
        foreach (PtxKernel kernel in PtxKernel.Of(_rule, key, _architecture, "as chosen").Where(one => one.Phase >= 0))
        {
            anchors.TryAdd(kernel.Phase.ToString(CultureInfo.InvariantCulture), lines.Count);
            foreach (string line in kernel.Heading.TrimEnd('\n').Split('\n'))
            {
                Add(line, [], []);
            }

            if (kernel.Method is not null)
            {
                (string text, var origins) = PtxListing.CompileWithOrigins(kernel.Method, _architecture, _rule);
                string entry = PtxCompiler.EntryOf(kernel.Method);
                string[] module = text.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');
                for (int line = 0; line < module.Length; line++)
                {
                    int[] own = line < origins.Length ? [.. origins[line]] : [];
                    int[] from = _ilgpu.From(own);
                    Add(module[line], from, own);
                    Count(entry, line + 1, from);
                }
            }

            Add("", [], []);
        }

        return new CompiledPanes(
            new Pane(lines, rule, via) { Anchors = anchors },
            counts is null ? null : [.. costs.Select(cost => new LineCost(
                Math.Round(cost.Instructions, 3), Math.Round(cost.Bytes, 4)))]);

        void Add(string line, int[] from, int[] own)
        {
            lines.Add(line);
            rule.Add(from);
            via.Add(own);
        }

        void Count(string entry, int line, int[] from)
        {
            if (counts is not null
                && counts.Lines.TryGetValue((entry, line), out (double Instructions, double Bytes) count))
            {
                foreach (int place in from.Length == 0 ? [_sourceLines] : from.Select(one => one - 1))
                {
                    costs[place].Instructions += count.Instructions / Math.Max(1, from.Length);
                    costs[place].Bytes += count.Bytes / Math.Max(1, from.Length);
                }
            }
        }
    }

    private Dictionary<string, Pane> List(Action<string> progress)
    {
        var all = new Dictionary<string, Pane>();
        for (int variant = 0; variant < _rule.Info.VariantCount; variant++)
        {
            foreach (StateCodecs codecs in Codecs)
            {
                progress($"machine code of variant {variant}, {codecs}");
                all[$"{variant}/{codecs}"] = List(variant, StatesOf(codecs));
            }
        }

        return all;
    }

    private Pane List(int variant, StateFormat states)
    {
        var lines = new List<string>();
        var rule = new List<int[]>();
        var via = new List<int[]>();
        var anchors = new Dictionary<string, int>();
        try
        {
            foreach ((int phase, MethodInfo method, IReadOnlyList<AsmLine> listing) in
                AsmListing.WithOrigins(_rule, _assembly, _width, states, variant))
            {
                anchors.TryAdd(phase.ToString(CultureInfo.InvariantCulture), lines.Count);
                foreach (AsmLine line in listing.Append(new AsmLine("", false, 0)))
                {
                    lines.Add(line.Text);
                    rule.Add(_simd.From([line.Origin]));
                    via.Add(line.Origin > 0 ? [line.Origin] : []);
                }
            }
        }
        catch (CommandException failure)
        {
            return new Pane([], []) { Note = failure.Message };
        }

        return new Pane(lines, rule, via) { Anchors = anchors };
    }

    [GeneratedRegex(@"^kernel (\w+)(?: \((.*)\))?$")]
    private static partial Regex KernelLine();
}
