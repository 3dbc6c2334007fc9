using System.Collections.Concurrent;
using Requant.Cuda;
using Requant.Ilgpu;
using Requant.Ptx.Cuda;

namespace Requant.Ptx;

/// <summary>The device kernels of rules as PTX, each compiled and decoded once per process, for optimizers too.</summary>
public static class RuleKernels
{
    private static readonly ConcurrentDictionary<Key, Lazy<PtxKernel?>> Compiled = new();
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
        where TRule : IOptimizerRule<TRule> =>
        Compiled.GetOrAdd(
            new Key(typeof(TRule), variant, phase, states, architecture, parameterType, gradientType),
            key => new Lazy<PtxKernel?>(() => Compile<TRule>(key))).Value;

    private static PtxKernel? Compile<TRule>(Key key)
        where TRule : IOptimizerRule<TRule>
    {
        DeviceKernel? kernel = DeviceKernels.Get<TRule>(
            key.Variant, key.Phase, key.States, key.ParameterType, key.GradientType);
        if (kernel is null)
        {
            return null;
        }

        var textKey = PtxCacheKey.For<TRule>(
            key.Variant, key.Phase, key.States, key.ParameterType, key.GradientType, key.Architecture);
        return InterpretedDriver.Parse(CudaKernelDevice.TextOf(kernel, textKey, NoFiles)).Kernels.Single();
    }

    private readonly record struct Key(Type Rule, int Variant, int Phase, StateFormat States, string Architecture, ElementType ParameterType, ElementType GradientType);
}
