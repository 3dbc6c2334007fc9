using Requant.CompilerServices;
using Requant.Devices;
using Requant.Ptx.Cuda;

namespace Requant.Ptx;

/// <summary>The device kernels of rules as PTX, each compiled once per process, for optimizers too.</summary>
public static class RuleKernels
{
    private static readonly PtxCache NoFiles = new(folder: null);

    /// <summary>The kernel as <see cref="PtxCompiler"/> writes it.</summary>
    /// <param name="variant">From 0 to <see cref="RuleInfo.VariantCount"/> - 1.</param>
    /// <param name="phase">From 0 to <see cref="RuleInfo.PhaseCount"/> - 1.</param>
    /// <param name="states">How states are stored.</param>
    /// <param name="architecture">One of <see cref="PtxCompiler.Architectures"/>.</param>
    /// <param name="parameterType">What the parameter's elements are.</param>
    /// <param name="gradientType">What the gradient's elements are.</param>
    /// <typeparam name="TRule">The generated rule.</typeparam>
    /// <returns>Null where the variant has nothing to do in the phase.</returns>
    /// <exception cref="PtxException">The PTX has something that the interpreter does not know.</exception>
    /// <exception cref="ArgumentException">The architecture is not known.</exception>
    public static PtxKernel? Get<TRule>(
        int variant, int phase, StateFormat states, string architecture,
        ElementType parameterType = ElementType.Float32, ElementType gradientType = ElementType.Float32)
        where TRule : IOptimizerRule<TRule>
    {
        DeviceKernel? kernel = DeviceKernels.Get<TRule>(variant, phase, states, parameterType, gradientType);
        var key = PtxCacheKey.For<TRule>(variant, phase, states, parameterType, gradientType, architecture);
        return kernel is null
            ? null
            : InterpretedDriver.Parse(CudaKernelDevice.TextOf(kernel, key, NoFiles)).Kernels.Single();
    }
}
