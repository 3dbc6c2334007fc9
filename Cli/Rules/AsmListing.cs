using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using Requant.CompilerServices;

namespace Requant.Cli.Rules;

/// <summary>The machine code of a rule's CPU kernels, as the JIT lists it.</summary>
internal static partial class AsmListing
{
    private const string Start = "; Assembly listing for method ";

    /// <summary>Compiles all phases of one variant.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="assembly">Path of the rule's assembly; null for Requant's own optimizers.</param>
    /// <param name="width">Vectors of the kernel; the widest when null.</param>
    /// <param name="states">How states are stored.</param>
    /// <param name="variant">The specialised kernel; the one of default hyperparameters at step 2 when null.</param>
    /// <returns>The methods of each phase's kernel, the innermost loop first.</returns>
    /// <exception cref="CommandException">The machine has no such vectors, there is no such variant, or the JIT gives
    /// no listing.</exception>
    public static string Compile(RuleEntry rule, string? assembly, SimdWidth? width, StateFormat states, int? variant)
    {
        SimdWidth vectors = RequireWidth(width);
        int chosen = rule.RequireVariant(variant);
        string reason = variant is null ? $"default hyperparameters at step {RuleEntry.TypicalStep}" : "asked for";
        IReadOnlyList<KernelMethods> kernels = KernelMethods.Of(rule, chosen, vectors, states);
        JitOutput output = JitProcess.List(rule, assembly, vectors, states, chosen, NamesOf(kernels));
        string[] listings = output.Listing.Split(Start);
        var text = new StringBuilder();
        foreach (KernelMethods kernel in kernels)
        {
            text.Append(text.Length == 0 ? "" : "\n")
                .Append($"; {rule.FullName}: {vectors}, {KernelStates.Text(states)}\n")
                .Append($"; variant {chosen} of {rule.Info.VariantCount} ({reason}), phase {kernel.Phase} of "
                    + $"{rule.Info.PhaseCount}, counted from 0\n");
            foreach (MethodInfo method in kernel.Methods)
            {
                text.Append('\n').Append(Clean(method, Find(listings, method, rule)));
            }
        }

        return text.ToString();
    }

    /// <summary>The methods of each phase's kernel with the lines of their text, and the lines of the generated C# that
    /// each comes from.</summary>
    /// <exception cref="CommandException">As of <see cref="Compile"/>.</exception>
    public static IEnumerable<(int Phase, MethodInfo Method, IReadOnlyList<AsmLine> Lines)> WithOrigins(
        RuleEntry rule, string? assembly, SimdWidth width, StateFormat states, int variant)
    {
        IReadOnlyList<KernelMethods> kernels = KernelMethods.Of(rule, variant, width, states);
        JitOutput output = JitProcess.List(rule, assembly, width, states, variant, NamesOf(kernels), withOrigins: true);
        string[] listings = output.Listing.Split(Start);
        using var symbols = MethodLines.Open(rule.Type.Assembly);
        return [.. from kernel in kernels
            from method in kernel.Methods
            let text = Clean(method, Find(listings, method, rule))
            select (kernel.Phase, method, AsmLine.Of(text, output.MapOf(method), symbols.Of(method)))];
    }

    private static string[] NamesOf(IEnumerable<KernelMethods> kernels) =>
        [.. kernels.SelectMany(kernel => kernel.Methods).Select(method => method.Name).Distinct()];

    private static SimdWidth RequireWidth(SimdWidth? width) =>
        width is not { } given || SimdWidths.Supported.Contains(given)
            ? width ?? SimdWidths.Widest
            : throw new CommandException(
                $"This machine has no {given}, and the JIT compiles for the machine it runs on. --width takes "
                + $"{string.Join(", ", SimdWidths.Supported)} here.");

    private static string Find(string[] listings, MethodInfo method, RuleEntry rule)
    {
        string name = $"{method.DeclaringType!.FullName}:{method.Name}";
        return Array.Find(listings, listing =>
                listing.StartsWith(name, StringComparison.Ordinal)
                && listing.Length > name.Length
                && listing[name.Length] is '(' or '[')
            ?? throw new CommandException(
                $"The JIT gave no listing of {method.Name} of '{rule.FullName}': an assembly that was compiled ahead "
                + "of time has machine code already. Build its project without PublishReadyToRun.");
    }

    /// <summary>The instructions, below a comment with what is worth knowing of the JIT's own heading.</summary>
    private static string Clean(MethodInfo method, string listing)
    {
        string target = Target().Match(listing).Groups[1].Value;
        string bytes = Size().Match(listing).Groups[1].Value;
        bool optimized = listing.Contains("; optimized code", StringComparison.Ordinal);
        string body = Heading().Replace(listing.ReplaceLineEndings("\n"), "", 1);
        body = Size().Replace(Offset().Replace(body, ""), "");
        return $"; {method.DeclaringType!.Name}.{method.Name}: {bytes} bytes for {target}\n"
            + (optimized ? "" : "; not optimized: the assembly is a Debug build\n")
            + BlankLines().Replace(LineEnds().Replace(body, ""), "\n\n").Trim('\n') + "\n";
    }

    [GeneratedRegex(@"^; Emitting \S+ for (.+)$", RegexOptions.Multiline)]
    private static partial Regex Target();

    [GeneratedRegex(@"^; Total bytes of code (\d+).*$", RegexOptions.Multiline)]
    private static partial Regex Size();

    /// <summary>The line of the name, which was cut, and all comments below it.</summary>
    [GeneratedRegex(@"\A.*\n(;.*\n)*")]
    private static partial Regex Heading();

    [GeneratedRegex(@"[ \t]*;; offset=.*$", RegexOptions.Multiline)]
    private static partial Regex Offset();

    [GeneratedRegex(@"[ \t]+$", RegexOptions.Multiline)]
    private static partial Regex LineEnds();

    [GeneratedRegex(@"\n{3,}")]
    private static partial Regex BlankLines();
}
