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
    /// <returns>One PTX module per phase, each below a comment that says what it is; behind them, where gradients are
    /// scaled, the kernel that measures them for clipping.</returns>
    /// <exception cref="CommandException">The architecture is not known, there is no such variant, or
    /// ILGPU fails.</exception>
    public static string Compile(RuleEntry rule, string architecture, LaunchKey launch, int? variant)
    {
        string known = RequireArchitecture(architecture);
        int chosen = rule.RequireVariant(variant);
        LaunchKey key = launch with { Variant = chosen };
        string reason = variant is not null ? "asked for"
            : $"default hyperparameters at step {RuleEntry.TypicalStep}"
                + (rule.Info.ReadsShape ? " of a matrix" : "");
        var text = new StringBuilder();
        for (int phase = 0; phase < rule.Info.PhaseCount; phase++)
        {
            MethodInfo[] kernels = [.. OverElements(rule, key, phase)];
            if (kernels.Length == 0)
            {
                text.Append(text.Length == 0 ? "" : "\n")
                    .Append($"// {rule.FullName}: variant {chosen} needs none of the reductions of phase {phase}\n");
            }

            AppendLines(text, rule, key, phase, known);
            foreach (MethodInfo kernel in kernels)
            {
                text.Append(text.Length == 0 ? "" : "\n")
                    .Append($"// {rule.FullName}: {kernel.Name} for {known}, {KernelStates.Text(key.States)}, "
                        + $"{KernelElements.Text(key)}\n")
                    .Append($"// variant {chosen} of {rule.Info.VariantCount} ({reason}), phase {phase} of "
                        + $"{rule.Info.PhaseCount}, counted from 0\n");
                AppendModule(text, kernel, known, rule);
            }

            bool isFinished = phase < rule.Info.PhaseCount - 1 && (kernels.Length > 0 || rule.Info.ReadsShape);
            if (isFinished && rule.FinishKernel(phase) is { } finish)
            {
                text.Append(
                    $"\n// {rule.FullName}: {finish.Name} for {known}, what becomes known after phase {phase}\n");
                AppendModule(text, finish, known, rule);
            }
        }

        if (key.Gradients.HasFlag(GradientTreatment.Scaled))
        {
            MethodInfo squares = DeviceKernels.Squares(key.GradientType).Method;
            text.Append(
                $"\n// {squares.Name} for {known}: the sum of squares by which gradients are clipped, of any rule\n");
            AppendModule(text, squares, known, rule);
        }

        return text.ToString();
    }

    /// <summary>The kernels of a phase over elements: that of blocks, then those that take sums of rows and of
    /// columns.</summary>
    private static IEnumerable<MethodInfo> OverElements(RuleEntry rule, LaunchKey key, int phase) =>
        new[] { StateLevel.Tensor, StateLevel.Row, StateLevel.Column }
            .Select(into => rule.DeviceKernel(key, phase, into)).OfType<MethodInfo>();

    private static void AppendLines(StringBuilder text, RuleEntry rule, LaunchKey key, int phase, string architecture)
    {
        foreach (StateLevel level in new[] { StateLevel.Row, StateLevel.Column })
        {
            if (rule.LineKernel(key.Variant, phase, level) is { } kernel)
            {
                text.Append(text.Length == 0 ? "" : "\n").Append(
                    $"// {rule.FullName}: {kernel.Name} for {architecture}, values of "
                    + $"{(level == StateLevel.Row ? "rows" : "columns")} that come before phase {phase}\n");
                AppendModule(text, kernel, architecture, rule);
            }
        }
    }

    private static void AppendModule(StringBuilder text, MethodInfo kernel, string architecture, RuleEntry rule)
    {
        string module = Compile(kernel, architecture, rule).ReplaceLineEndings("\n").Trim();
        text.Append(module.Contains($".target {architecture}\n", StringComparison.Ordinal) ? "" : CappedTarget)
            .Append(module)
            .Append('\n');
    }

    private static string Compile(MethodInfo kernel, string architecture, RuleEntry rule)
    {
        try
        {
            return PtxCompiler.Compile(kernel, architecture);
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

    private static string RequireArchitecture(string architecture) =>
        PtxCompiler.Architectures.FirstOrDefault(name => name.Equals(architecture, StringComparison.OrdinalIgnoreCase))
        ?? throw new CommandException(
            $"Architecture '{architecture}' is not known. "
            + $"--arch takes {string.Join(", ", PtxCompiler.Architectures)}.");
}
