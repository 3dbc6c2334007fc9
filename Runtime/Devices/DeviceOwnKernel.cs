using Requant.CompilerServices;
using Requant.Devices.Matrices;

namespace Requant.Devices;

/// <summary>Kernels that serve any rule of rows, columns or matrices.</summary>
internal enum DeviceOwnKernel
{
    /// <summary><see cref="DeviceLineKernels.FinishRows"/>.</summary>
    FinishRows,

    /// <summary><see cref="DeviceLineKernels.FinishColumns"/>.</summary>
    FinishColumns,

    /// <summary><see cref="DeviceLineKernels.Check"/>.</summary>
    CheckStates,

    /// <summary><see cref="DeviceLineKernels.Commit"/>.</summary>
    CommitStates,

    /// <summary><see cref="DeviceMatrixKernels.Import"/>.</summary>
    ImportMatrix,

    /// <summary><see cref="DeviceMatrixKernels.Copy"/>.</summary>
    CopyMatrix,

    /// <summary><see cref="DeviceMatrixKernels.Transpose"/>.</summary>
    TransposeMatrix,

    /// <summary><see cref="DeviceMatrixProduct.Multiply{TMultiplyAdd}"/>.</summary>
    MultiplyMatrices,

    /// <summary><see cref="DeviceMatrixProduct.MultiplyLarge{TMultiplyAdd}"/>.</summary>
    MultiplyLargeMatrices,
}

/// <summary>Finds them.</summary>
internal static class DeviceOwnKernels
{
    /// <summary>The method of a kernel.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="isPtx">Whether <see cref="PtxCompiler"/> compiles it.</param>
    public static DeviceKernel Of(DeviceOwnKernel kernel, bool isPtx) => kernel switch
    {
        DeviceOwnKernel.FinishRows => DeviceLineKernels.FinishRows,
        DeviceOwnKernel.FinishColumns => DeviceLineKernels.FinishColumns,
        DeviceOwnKernel.CheckStates => DeviceLineKernels.Check,
        DeviceOwnKernel.CommitStates => DeviceLineKernels.Commit,
        DeviceOwnKernel.ImportMatrix => DeviceMatrixKernels.Import,
        DeviceOwnKernel.CopyMatrix => DeviceMatrixKernels.Copy,
        DeviceOwnKernel.TransposeMatrix => DeviceMatrixKernels.Transpose,
        DeviceOwnKernel.MultiplyMatrices when isPtx => DeviceMatrixProduct.Multiply<PtxMultiplyAdd>,
        DeviceOwnKernel.MultiplyMatrices => DeviceMatrixProduct.Multiply<EmulatedMultiplyAdd>,
        DeviceOwnKernel.MultiplyLargeMatrices when isPtx => DeviceMatrixProduct.MultiplyLarge<PtxMultiplyAdd>,
        DeviceOwnKernel.MultiplyLargeMatrices => DeviceMatrixProduct.MultiplyLarge<EmulatedMultiplyAdd>,
        _ => throw new ArgumentOutOfRangeException(nameof(kernel), kernel, "There is no such kernel."),
    };

    /// <summary>Those that a step launches between the kernels of a rule, in that order. Rules of elements have
    /// none.</summary>
    /// <param name="info">The rule.</param>
    /// <param name="variant">Its kernels.</param>
    /// <param name="propagatesNonFinite">Whether the policy is <see cref="NonFinitePolicy.Propagate"/>, which has
    /// nothing checked.</param>
    public static IEnumerable<DeviceOwnKernel> OfStep(RuleInfo info, int variant, bool propagatesNonFinite)
    {
        bool needsLines = info.NeedsLines(variant);
        bool isStateWritten = info.LineStatesWritten.ElementAtOrDefault(variant) != 0;
        bool hasMatrices = info.HasMatrices(variant);
        return Enum.GetValues<DeviceOwnKernel>().Where(kernel => kernel switch
        {
            DeviceOwnKernel.FinishRows => needsLines && IsReducedInto(StateLevel.Row),
            DeviceOwnKernel.FinishColumns => needsLines && IsReducedInto(StateLevel.Column),
            DeviceOwnKernel.CheckStates => isStateWritten && !propagatesNonFinite,
            DeviceOwnKernel.CommitStates => isStateWritten,
            _ => hasMatrices,
        });

        bool IsReducedInto(StateLevel level) =>
            info.Reductions.Any(reduction => reduction.Over == StateLevel.Element && reduction.Into == level);
    }
}
