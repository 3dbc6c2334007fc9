using System.Runtime.CompilerServices;
using Requant.CompilerServices;
using Requant.Optimizers;

namespace Requant.Conformance;

/// <summary>Adam, but its kernels for vectors of 128 bits change the last bit of one element of each
/// second block.</summary>
internal sealed record CorruptedAdam : IOptimizerRule<CorruptedAdam>
{
    public const int CorruptedElement = 3;

    private readonly Adam _adam = new();

    public static int Contract => GeneratedCode.Contract;

    public static RuleInfo Info => InfoOf<Adam>();

    public static BlockKernel GetCpuKernel(int variant, int phase, SimdWidth width, StateFormat states)
    {
        BlockKernel kernel = CpuKernelOf<Adam>(variant, phase, width, states)!;
        return width != SimdWidth.Vector128 ? kernel : (in KernelArguments tensor, ref BlockRange range) =>
        {
            kernel(in tensor, ref range);
            for (long block = range.First; block < range.End; block++)
            {
                if (block % 2 == 1 && tensor.BlockLength(block) > CorruptedElement)
                {
                    ref float parameter = ref Unsafe.Add(ref tensor.OpenParameter(block, in range), CorruptedElement);
                    parameter = MathF.BitIncrement(parameter);
                }
            }
        };
    }

    public static DeviceKernel GetDeviceKernel<TParameter, TGradient>(int variant, int phase, StateFormat states)
        where TParameter : struct, IDeviceElementType
        where TGradient : struct, IDeviceElementType =>
        throw new NotSupportedException("CorruptedAdam has no kernels for devices.");

    public int SelectVariant(in TensorStep tensor) => VariantOf(_adam, tensor);

    public int StatesInUse(in TensorStep tensor) => (1 << Info.States.Count) - 1;

    public void ComputeUniforms(
        int phase, in TensorStep tensor, ReadOnlySpan<float> tensorStates, ReadOnlySpan<float> reductions,
        Span<float> uniforms) =>
        ComputeUniformsOf(_adam, phase, tensor, tensorStates, reductions, uniforms);

    public double GetHyperparameter(int index) => HyperparameterOf(_adam, index);

    public CorruptedAdam WithHyperparameter(int index, double value) => throw new NotSupportedException();

    // The generated record implements the interface explicitly: only a type parameter reaches it.
    private static RuleInfo InfoOf<TRule>() where TRule : IOptimizerRule<TRule> => TRule.Info;

    private static BlockKernel? CpuKernelOf<TRule>(int variant, int phase, SimdWidth width, StateFormat states)
        where TRule : IOptimizerRule<TRule> => TRule.GetCpuKernel(variant, phase, width, states);

    private static int VariantOf<TRule>(TRule rule, in TensorStep tensor)
        where TRule : IOptimizerRule<TRule> => rule.SelectVariant(tensor);

    private static void ComputeUniformsOf<TRule>(
        TRule rule, int phase, in TensorStep tensor, ReadOnlySpan<float> tensorStates,
        ReadOnlySpan<float> reductions, Span<float> uniforms)
        where TRule : IOptimizerRule<TRule> =>
        rule.ComputeUniforms(phase, tensor, tensorStates, reductions, uniforms);

    private static double HyperparameterOf<TRule>(TRule rule, int index)
        where TRule : IOptimizerRule<TRule> => rule.GetHyperparameter(index);
}
