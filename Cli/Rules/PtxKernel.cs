using System.Reflection;
using Requant.CompilerServices;
using Requant.Devices;
using Requant.Devices.Matrices;

namespace Requant.Cli.Rules;

/// <summary>A CUDA kernel that a step launches.</summary>
/// <param name="Heading">Comments that say what it is.</param>
/// <param name="Method">Null where there is nothing to launch, as the heading says.</param>
/// <param name="Phase">The phase that it belongs to; -1 for one that rules share.</param>
internal sealed record PtxKernel(string Heading, MethodInfo? Method, int Phase)
{
    /// <summary>Those of all phases, then those that any rule of rows, columns or matrices shares, and where gradients
    /// are scaled, the kernel that measures them for clipping.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="key">What is launched.</param>
    /// <param name="architecture">As in <c>sm_90</c>.</param>
    /// <param name="reason">Why this variant.</param>
    public static IEnumerable<PtxKernel> Of(RuleEntry rule, LaunchKey key, string architecture, string reason)
    {
        for (int phase = 0; phase < rule.Info.PhaseCount; phase++)
        {
            MethodInfo[] kernels = [.. OverElements(rule, key, phase)];
            if (kernels.Length == 0)
            {
                yield return new PtxKernel(
                    $"// {rule.FullName}: variant {key.Variant} needs none of the reductions of phase {phase}\n", null,
                    phase);
            }

            foreach (PtxKernel kernel in OverLines(rule, key, phase, architecture))
            {
                yield return kernel;
            }

            foreach (MethodInfo kernel in kernels)
            {
                yield return new PtxKernel(
                    $"// {rule.FullName}: {kernel.Name} for {architecture}, {KernelStates.Text(key.States)}, "
                    + $"{KernelElements.Text(key)}\n// variant {key.Variant} of {rule.Info.VariantCount} ({reason}), "
                    + $"phase {phase} of {rule.Info.PhaseCount}, counted from 0\n", kernel, phase);
            }

            bool isFinished = phase < rule.Info.PhaseCount - 1 && (kernels.Length > 0 || rule.Info.ReadsShape);
            if (isFinished && rule.FinishKernel(phase) is { } finish)
            {
                yield return new PtxKernel(
                    $"// {rule.FullName}: {finish.Name} for {architecture}, what becomes known after phase {phase}\n",
                    finish, phase);
            }
        }

        foreach (PtxKernel kernel in Shared(rule, key, architecture))
        {
            yield return kernel;
        }
    }

    /// <summary>The kernels of a phase over elements: that of blocks, then those that take sums of rows and of
    /// columns.</summary>
    private static IEnumerable<MethodInfo> OverElements(RuleEntry rule, LaunchKey key, int phase) =>
        new[] { StateLevel.Tensor, StateLevel.Row, StateLevel.Column }
            .Select(into => rule.DeviceKernel(key, phase, into)).OfType<MethodInfo>();

    private static IEnumerable<PtxKernel> OverLines(RuleEntry rule, LaunchKey key, int phase, string architecture) =>
        from level in new[] { StateLevel.Row, StateLevel.Column }
        let kernel = rule.LineKernel(key.Variant, phase, level)
        where kernel is not null
        select new PtxKernel(
            $"// {rule.FullName}: {kernel.Name} for {architecture}, values of "
            + $"{(level == StateLevel.Row ? "rows" : "columns")} that come before phase {phase}\n", kernel, phase);

    private static IEnumerable<PtxKernel> Shared(RuleEntry rule, LaunchKey key, string architecture)
    {
        bool propagates = key.Gradients.HasFlag(GradientTreatment.Propagated);
        foreach (DeviceOwnKernel own in DeviceOwnKernels.OfStep(rule.Info, key.Variant, propagates))
        {
            MethodInfo kernel = DeviceOwnKernels.Of(own, isPtx: true).Method;
            yield return new PtxKernel(
                $"// {kernel.Name} for {architecture}: {TextOf(own)}, of any rule\n", kernel, -1);
        }

        if (key.Gradients.HasFlag(GradientTreatment.Scaled))
        {
            MethodInfo squares = DeviceKernels.Squares(key.GradientType).Method;
            yield return new PtxKernel(
                $"// {squares.Name} for {architecture}: the sum of squares by which gradients are clipped, of any "
                + "rule\n", squares, -1);
        }
    }

    private static string TextOf(DeviceOwnKernel kernel) => kernel switch
    {
        DeviceOwnKernel.FinishRows => "what a phase has reduced into rows",
        DeviceOwnKernel.FinishColumns => "what a phase has reduced into columns",
        DeviceOwnKernel.CheckStates => "finds new row and column states that are not finite",
        DeviceOwnKernel.CommitStates => "keeps new row and column states",
        DeviceOwnKernel.ImportMatrix => "divides a matrix by its norm",
        DeviceOwnKernel.CopyMatrix => "copies a matrix that has more rows than columns",
        DeviceOwnKernel.TransposeMatrix => "transposes a matrix",
        DeviceOwnKernel.MultiplyMatrices =>
            $"products of matrices in tiles of {DeviceMatrixProduct.Side} x {DeviceMatrixProduct.Side}",
        DeviceOwnKernel.MultiplyLargeMatrices =>
            "products of matrices that are large enough for tiles of "
            + $"{DeviceMatrixProduct.LargeSide} x {DeviceMatrixProduct.LargeSide}",
        _ => throw new ArgumentOutOfRangeException(nameof(kernel), kernel, "There is no such kernel."),
    };
}
