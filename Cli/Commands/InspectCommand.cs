using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Requant.Cli.Inspection;
using Requant.Cli.Output;
using Requant.Cli.Rules;
using Requant.CompilerServices;
using Requant.Devices;
using Requant.Numerics;

namespace Requant.Cli.Commands;

/// <summary><c>requant inspect RULE</c>: what the generator made of a rule.</summary>
internal static class InspectCommand
{
    private const string Ptx = "ptx";
    private const string Asm = "asm";
    private const string DefaultKind = "scalar";
    private const string DefaultArchitecture = "sm_90";

    private const string Costs = "costs";

    private static readonly string[] Kinds = ["ir", "rule", "scalar", "simd", "ilgpu", Ptx, Asm, Costs];

    public static Command Create(Terminal terminal)
    {
        var rule = new Argument<string>("RULE")
        {
            Description = "Name of a rule, in any case, with or without its namespace.",
        };
        Option<string> kind = KindOption();
        Option<string?> assembly = CommonOptions.Assembly();
        var architecture = new Option<string?>("--arch")
        {
            HelpName = "ARCH",
            Description = $"CUDA architecture to compile PTX for, as in sm_80; {DefaultArchitecture} when not given.",
        };
        Option<ElementType?> parameter = ElementOption(
            "--param", "Type of the parameter's elements in PTX; fp32 when not given.");
        Option<ElementType?> gradient = ElementOption(
            "--grad", "Type of the gradient's elements in PTX; the parameter's when not given.");
        Option<StateCodecs?> codecs = CommonOptions.Codecs();
        Option<StateRounding?> rounding = CommonOptions.Rounding();
        Option<ParameterRounding?> parameterRounding = CommonOptions.OneOf<ParameterRounding>(
            "--param-rounding", "How bfloat16 parameters are rounded in PTX; to nearest when not given.",
            [.. Enum.GetNames<ParameterRounding>().Select(name => name.ToLowerInvariant())]);
        Option<MasterWeights?> masterWeights = CommonOptions.OneOf<MasterWeights>(
            "--master-weights", "What is kept behind bfloat16 parameters in PTX; none when not given.",
            [.. Enum.GetNames<MasterWeights>().Select(name => name.ToLowerInvariant())]);
        var scaled = new Option<bool>("--scaled")
        {
            Description =
                "PTX of a step that scales gradients (GradScaler, GradientScale, clipping), and of what measures them.",
        };
        var propagate =
            new Option<bool>("--propagate") { Description = "PTX of a step under NonFinitePolicy.Propagate." };
        Option<int?> variant = VariantOption();
        Option<SimdWidth?> width = CommonOptions.OneOf<SimdWidth>(
            "--width", "Vectors of the kernel whose machine code is shown; the machine's widest when not given.",
            Enum.GetNames<SimdWidth>());
        var html = new Option<string?>("--html")
        {
            HelpName = "FILE",
            Description = "Writes all of it as one page, in which a line lights up what it came from and what became "
                + "of it.",
        };
        var open = new Option<bool>("--open") { Description = "Shows the page in a browser." };
        var against = new Option<string?>("--against")
        {
            HelpName = "OTHER",
            Description = $"What the page shows differences from: {Against.Help}.",
        };
        var command = new Command("inspect", "Shows the code that was generated for a rule.")
        {
            rule, kind, assembly, architecture, parameter, gradient, codecs, rounding, parameterRounding,
            masterWeights, scaled, propagate, variant, width, html, open, against,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(html) is not null)
            {
                RefuseWithPage(
                    result, kind, parameter, gradient, codecs, rounding, parameterRounding, masterWeights, scaled,
                    propagate, variant, width);
                return;
            }

            RequirePage(result, open, against);
            RequireKind(
                result, kind, [Ptx], gradient, rounding, parameterRounding, masterWeights, scaled, propagate);
            RequireKind(result, kind, [Ptx, Costs], architecture, parameter);
            RequireKind(result, kind, [Ptx, Asm, Costs, "simd", "ilgpu"], codecs);
            RequireKind(result, kind, [Ptx, Asm, Costs], variant);
            RequireKind(result, kind, [Asm], width);
            bool isRounded = result.GetValue(parameterRounding) == ParameterRounding.Stochastic;
            bool isWhole = result.GetValue(masterWeights) == MasterWeights.Remainder16;
            if ((isRounded || isWhole) && result.GetValue(parameter) != ElementType.BFloat16)
            {
                result.AddError(
                    $"{(isRounded ? "--param-rounding stochastic" : "--master-weights remainder16")} is for parameters "
                    + "of bfloat16; add --param bf16.");
            }

            if (isRounded && isWhole)
            {
                result.AddError(
                    "--master-weights remainder16 keeps what --param-rounding stochastic would round away; leave one "
                    + "of them out.");
            }
        });
        command.SetAction(parsed =>
        {
            RuleEntry entry = RuleCatalog.Load(parsed.GetValue(assembly)).Find(parsed.GetRequiredValue(rule));
            if (parsed.GetValue(html) is { } file)
            {
                WritePage(
                    terminal, entry, parsed.GetValue(assembly), parsed.GetValue(architecture) ?? DefaultArchitecture,
                    file, parsed.GetValue(against));
                if (parsed.GetValue(open))
                {
                    InspectorPage.Open(file);
                }

                return ExitCodes.Done;
            }

            string chosen = parsed.GetRequiredValue(kind).ToLowerInvariant();
            StateFormat states = KernelStates.Of(parsed.GetValue(codecs), parsed.GetValue(rounding));
            ElementType parameterType = parsed.GetValue(parameter) ?? ElementType.Float32;
            string text = chosen switch
            {
                Ptx => PtxListing.Compile(
                    entry,
                    parsed.GetValue(architecture) ?? DefaultArchitecture,
                    new LaunchKey(
                        Variant: 0, states, parameterType, parsed.GetValue(gradient) ?? parameterType,
                        (parsed.GetValue(scaled) ? GradientTreatment.Scaled : 0)
                        | (parsed.GetValue(propagate) ? GradientTreatment.Propagated : 0),
                        ParameterStorages.Of(
                            parsed.GetValue(parameterRounding) ?? ParameterRounding.Nearest,
                            parsed.GetValue(masterWeights) ?? MasterWeights.None)),
                    parsed.GetValue(variant)),
                Asm => AsmListing.Compile(
                    entry, parsed.GetValue(assembly), parsed.GetValue(width), states, parsed.GetValue(variant)),
                Costs => CostText(
                    entry, parsed.GetValue(architecture) ?? DefaultArchitecture, parsed.GetValue(variant), states,
                    parameterType),
                _ => KernelStates.Types(entry, chosen, parsed.GetValue(codecs)) + Read(entry, chosen),
            };
            terminal.WriteCode(text, Grammar.For(chosen));
            return ExitCodes.Done;
        });
        return command;
    }

    private static string CostText(
        RuleEntry rule, string architecture, int? variant, StateFormat states, ElementType elements)
    {
        int chosen = rule.RequireVariant(variant);
        string heading = $"{rule.FullName}: {KernelStates.Text(states)}, "
            + $"{KernelElements.Text(new LaunchKey(chosen, states, elements, elements))}, variant {chosen}"
            + (rule.Info.ReadsShape ? $", a matrix of {StepCounts.LongBlocks} x {StepCounts.BlockSize}" : "");
        return CostListing.Of(
            new Pane(ListingText.Read(rule.Type, ListingText.Source).Lines, []),
            new PaneBuilder(rule, null, architecture).Compile(chosen, elements, states).Costs, heading);
    }

    private static void WritePage(
        Terminal terminal, RuleEntry rule, string? assembly, string architecture, string file, string? other)
    {
        InspectorPage.RequireFolder(file);
        Against? against = other is null ? null : Against.Parse(other, rule, assembly);
        RulePanes own = terminal.WithProgress(
            $"Compiling {rule.FullName}", new PaneBuilder(rule, assembly, architecture).Build);
        RulePanes? panes = against?.Rule is { } compared
            ? terminal.WithProgress(
                $"Compiling {compared.FullName}", new PaneBuilder(compared, against.Assembly, architecture).Build)
            : null;
        InspectorPage.Write(file, own, against, panes);
        terminal.Output.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"{file}: {new FileInfo(file).Length / 1024} KiB"));
    }

    private static void RefuseWithPage(CommandResult result, params ReadOnlySpan<Option> options)
    {
        foreach (Option option in options)
        {
            if (result.GetResult(option) is { Implicit: false })
            {
                result.AddError($"{option.Name} chooses one text, and --html writes them all; leave one of them out.");
            }
        }
    }

    private static void RequirePage(CommandResult result, params ReadOnlySpan<Option> options)
    {
        foreach (Option option in options)
        {
            if (result.GetResult(option) is { Implicit: false })
            {
                result.AddError($"{option.Name} is about the page; add --html FILE.");
            }
        }
    }

    private static Option<string> KindOption()
    {
        var kind = new Option<string>("--as")
        {
            HelpName = string.Join('|', Kinds),
            DefaultValueFactory = _ => DefaultKind,
            Description = "ir: the rule's operations. rule: the generated record. scalar, simd, ilgpu: C# kernels. "
                + "ptx: CUDA kernels, compiled here, which needs no GPU. asm: what the JIT makes of the simd kernels "
                + "on this machine. costs: what each line of the rule executes on a GPU.",
        };
        kind.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: string given }] && !Kinds.Contains(given, StringComparer.OrdinalIgnoreCase))
            {
                result.AddError(
                    $"--as takes {string.Join(", ", Kinds)}, and was given '{given}'.{Suggestion.For(given, Kinds)}");
            }
        });
        kind.CompletionSources.Add(Kinds);
        return kind;
    }

    private static Option<ElementType?> ElementOption(string name, string description)
    {
        var option = new Option<ElementType?>(name)
        {
            HelpName = string.Join('|', KernelElements.Names),
            Description = description,
            CustomParser = result =>
            {
                string given = result.Tokens[0].Value;
                if (KernelElements.Find(given) is { } type)
                {
                    return type;
                }

                result.AddError($"{name} takes {string.Join(", ", KernelElements.Names)}, and was given "
                    + $"'{given}'.{Suggestion.For(given, KernelElements.Names)}");
                return null;
            },
        };
        option.CompletionSources.Clear();
        option.CompletionSources.Add([.. KernelElements.Names]);
        return option;
    }

    private static Option<int?> VariantOption() => new("--variant")
    {
        HelpName = "N",
        Description = "Specialised kernel to compile, from 0; when not given, the one that default hyperparameters "
            + "select at step 2.",
        CustomParser = result =>
        {
            if (int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
            {
                return number;
            }

            result.AddError($"--variant takes a number from 0, and was given '{result.Tokens[0].Value}'.");
            return null;
        },
    };

    /// <summary>An option that would have no effect is a mistake that is better known.</summary>
    private static void RequireKind(
        CommandResult result, Option<string> kind, string[] kinds, params ReadOnlySpan<Option> options)
    {
        string chosen = result.GetResult(kind) is { Tokens: [{ Value: string given }] } ? given : DefaultKind;
        if (kinds.Contains(chosen, StringComparer.OrdinalIgnoreCase))
        {
            return;
        }

        foreach (Option option in options)
        {
            if (result.GetResult(option) is not null)
            {
                result.AddError(
                    $"{option.Name} has a meaning with --as {string.Join(" or ", kinds)} alone, and the text asked for "
                    + $"is {chosen}.");
            }
        }
    }

    private static string Read(RuleEntry rule, string kind) => RuleListingAttribute.Read(rule.Type, kind)
        ?? throw new CommandException(
            $"Rule '{rule.FullName}' carries no '{kind}' text. Build its project again with the Requant.Generator of "
            + "this version.");
}
