using System.Collections.Immutable;
using System.Reflection;
using System.Text;
using Requant.CompilerServices;
using Requant.Devices;

namespace Requant.Cli.Rules;

/// <summary>The CUDA kernels of a rule, compiled offline by ILGPU.</summary>
internal static class PtxListing
{
    private const string CappedTarget =
        "// The .target below is the newest that ILGPU names; newer devices run it.\n";

    /// <summary>Compiles all phases of one variant.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="architecture">As in <c>sm_90</c>, in any case.</param>
    /// <param name="launch">What is launched, but for its variant.</param>
    /// <param name="variant">The specialised kernel; the one of default hyperparameters at step 2 when null.</param>
    /// <returns>One PTX module per kernel, each below a comment that says what it is: those of the phases, behind them
    /// those that any rule of rows, columns or matrices shares, and where gradients are scaled, the kernel that
    /// measures them for clipping.</returns>
    /// <exception cref="CommandException">The architecture is not known, there is no such variant, or
    /// ILGPU fails.</exception>
    public static string Compile(RuleEntry rule, string architecture, LaunchKey launch, int? variant)
    {
        string known = RequireArchitecture(architecture);
        int chosen = rule.RequireVariant(variant);
        string reason = variant is not null ? "asked for"
            : $"default hyperparameters at step {RuleEntry.TypicalStep}"
                + (rule.Info.ReadsShape ? " of a matrix" : "");
        var text = new StringBuilder();
        foreach (PtxKernel kernel in PtxKernel.Of(rule, launch with { Variant = chosen }, known, reason))
        {
            text.Append(text.Length == 0 ? "" : "\n").Append(kernel.Heading);
            if (kernel.Method is not null)
            {
                AppendModule(text, kernel.Method, known, rule);
            }
        }

        return text.ToString();
    }

    private static void AppendModule(StringBuilder text, MethodInfo kernel, string architecture, RuleEntry rule)
    {
        string module = Compile(kernel, architecture, rule).ReplaceLineEndings("\n").Trim();
        text.Append(module.Contains($".target {architecture}\n", StringComparison.Ordinal) ? "" : CappedTarget)
            .Append(module)
            .Append('\n');
    }

    private static string Compile(MethodInfo kernel, string architecture, RuleEntry rule) =>
        Guard(() => PtxCompiler.Compile(kernel, architecture), kernel, architecture, rule);

    /// <summary>The text of one kernel, and the lines of its C# that each line of it comes from.</summary>
    /// <exception cref="CommandException">ILGPU fails.</exception>
    public static (string Text, ImmutableSortedSet<int>[] Origins) CompileWithOrigins(
        MethodInfo kernel, string architecture, RuleEntry rule) =>
        Guard(
            () => PtxCompiler.CompileWithOrigins(kernel, architecture, ".Ilgpu.g.cs", DebugSymbols.OpenStream), kernel,
            architecture, rule);

    private static T Guard<T>(Func<T> compile, MethodInfo kernel, string architecture, RuleEntry rule)
    {
        try
        {
            return compile();
        }
        catch (Exception failure)
        {
            // ILGPU wraps what went wrong, and the innermost message names it.
            throw new CommandException(
                $"ILGPU cannot compile {kernel.Name} of '{rule.FullName}' for {architecture}: "
                + $"{failure.GetBaseException().Message} Its source is shown by 'requant inspect {rule.Type.Name} "
                + "--as ilgpu'.", failure);
        }
    }

    /// <summary>The architecture's name as it is known.</summary>
    /// <exception cref="CommandException">It is not.</exception>
    public static string RequireArchitecture(string architecture) =>
        PtxCompiler.Architectures.FirstOrDefault(name => name.Equals(architecture, StringComparison.OrdinalIgnoreCase))
        ?? throw new CommandException(
            $"Architecture '{architecture}' is not known. "
            + $"--arch takes {string.Join(", ", PtxCompiler.Architectures)}.");
}
