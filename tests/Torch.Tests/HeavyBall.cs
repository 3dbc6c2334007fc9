using System.Runtime.CompilerServices;
using Requant.Cpu;
using Requant.Ilgpu;
using Requant.Quantization;

namespace Requant.Torch.Tests;

/// <summary>m = beta * m + g, p = p - lr * m: a rule by hand, as a user's own would be.</summary>
public sealed record HeavyBall : IOptimizerRule<HeavyBall>
{
    public float Lr { get; init; } = 0.1f;

    public float Beta { get; init; } = 0.5f;

    public static RuleInfo Info { get; } = new(
        nameof(HeavyBall), "heavy-ball-1", Precision.Exact, "",
        [new StateInfo("m", Codec.Dynamic, StateAttribute.DefaultBlockSize)],
        [],
        [new HyperparameterInfo("lr", HyperparameterKind.Float, 0.1f),
            new HyperparameterInfo("beta", HyperparameterKind.Float, 0.5f)],
        [], PhaseCount: 1, VariantCount: 1, UniformCount: 2);

    public static BlockKernel GetCpuKernel(int variant, int phase, SimdWidth width, StateFormat states) =>
        states.IsQuantized ? Update<DynamicCodec> : Update<Float32Codec>;

    public static DeviceKernel GetDeviceKernel<TParameter, TGradient>(int variant, int phase, StateFormat states)
        where TParameter : struct, IDeviceElementType
        where TGradient : struct, IDeviceElementType =>
        throw new NotSupportedException();

    public int SelectVariant(int step, int unusedStates) => 0;

    public int StatesInUse() => (1 << Info.States.Count) - 1;

    public void ComputeUniforms(
        int phase, int step, int unusedStates, ReadOnlySpan<float> tensorStates, ReadOnlySpan<float> reductions, Span<float> uniforms)
    {
        uniforms[0] = Lr;
        uniforms[1] = Beta;
    }

    public double GetHyperparameter(int index) => index == 0 ? Lr : Beta;

    public HeavyBall WithHyperparameter(int index, double value) =>
        index == 0 ? this with { Lr = (float)value } : this with { Beta = (float)value };

    private static void Update<TCodec>(in KernelArguments tensor, ref BlockRange range)
        where TCodec : struct, IStateCodec
    {
        for (long block = range.First; block < range.End; block++)
        {
            ref float parameters = ref tensor.OpenParameter(block, range);
            ref float gradients = ref tensor.OpenGradient(block, range);
            StateBlock momentum = TCodec.Open(tensor, 0, block, range);
            for (int i = 0; i < tensor.BlockLength(block); i++)
            {
                float gradient = Unsafe.Add(ref gradients, i);
                float old = TCodec.Load(momentum, (nuint)i);
                if (float.IsFinite(gradient))
                {
                    float updated = (tensor.Uniform(1) * old) + gradient;
                    Unsafe.Add(ref parameters, i) -= tensor.Uniform(0) * updated;
                    Unsafe.Add(ref momentum.Values, i) = updated;
                }
                else
                {
                    range.Skipped++;
                    Unsafe.Add(ref momentum.Values, i) = old;
                }
            }

            tensor.CloseParameter(block, range);
            TCodec.Close(momentum, tensor.BlockLength(block));
        }
    }
}
