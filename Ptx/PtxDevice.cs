using Requant.Devices.Driver;
using Requant.Ptx.Cuda;

namespace Requant.Ptx;

/// <summary>How a <see cref="PtxOptimizer{TRule}"/> launches kernels.</summary>
public sealed record PtxDevice
{
    /// <summary>One of <see cref="PtxCompiler.Architectures"/>.</summary>
    public string Architecture { get; init; } = "sm_90";

    /// <summary>The most groups of a launch; few, so that warps take several blocks one after another.</summary>
    public int MaxGroups { get; init; } = 2;

    /// <summary>The order in which threads take turns; it has no effect on results.</summary>
    public PtxOrder Order { get; init; } = PtxOrder.Forward;

    internal InterpretedDriver NewDriver() => new()
    {
        Order = Order,
        Devices =
        [
            new InterpretedDevice
            {
                Capability = CudaDevice.CapabilityOf(Architecture),
                MultiprocessorCount = MaxGroups,
                ThreadsPerMultiprocessor = PtxCompiler.GroupSize,
            },
        ],
    };
}
