using Requant.Cpu;
using Requant.Ilgpu;
using Requant.Quantization;

namespace Requant.Runtime.Tests.Handwritten;

/// <summary>LAMB, a rule with two reductions, in the shape that the generator emits, kernels included, to test the
/// runtime without the generator.</summary>
public sealed partial record HandWrittenLamb : IOptimizerRule<HandWrittenLamb>
{
    public float Lr { get; init; } = 1e-3f;

    public float Beta1 { get; init; } = 0.9f;

    public float Beta2 { get; init; } = 0.999f;

    public float Eps { get; init; } = 1e-8f;

    public float WeightDecay { get; init; } = 0f;

    public static RuleInfo Info { get; } = new(
        Name: "HandWrittenLamb",
        Hash: "0",
        Precision: Precision.Exact,
        Source: """
            m = beta1 * m + (1 - beta1) * g;
            v = beta2 * v + (1 - beta2) * g * g;
            float mHat = m / (1 - MathF.Pow(beta1, step));
            float update = mHat / (MathF.Sqrt(v / (1 - MathF.Pow(beta2, step))) + eps) + weightDecay * p;
            float pNorm = Reduce.Norm(p);
            float updateNorm = Reduce.Norm(update);
            float trust = pNorm > 0 && updateNorm > 0 ? pNorm / updateNorm : 1;
            p -= lr * trust * update;
            """,
        States: [new StateInfo("m", Codec.Dynamic, 256), new StateInfo("v", Codec.DynamicUnsigned, 256)],
        TensorStates: [],
        Hyperparameters:
        [
            new HyperparameterInfo("lr", HyperparameterKind.Float, 1e-3f),
            new HyperparameterInfo("beta1", HyperparameterKind.Float, 0.9f),
            new HyperparameterInfo("beta2", HyperparameterKind.Float, 0.999f),
            new HyperparameterInfo("eps", HyperparameterKind.Float, 1e-8f),
            new HyperparameterInfo("weightDecay", HyperparameterKind.Float, 0f),
        ],
        Reductions: [new ReductionInfo(ReductionKind.Norm, 0), new ReductionInfo(ReductionKind.Norm, 0)],
        PhaseCount: 2,
        VariantCount: 1,
        UniformCount: 9);

    public int SelectVariant(int step, int unusedStates) => 0;

    public int StatesInUse() => (1 << Info.States.Count) - 1;

    public void ComputeUniforms(
        int phase, int step, int unusedStates, ReadOnlySpan<float> tensorStates, ReadOnlySpan<float> reductions, Span<float> uniforms)
    {
        if (phase == 1)
        {
            float trust = reductions[0] > 0 && reductions[1] > 0 ? reductions[0] / reductions[1] : 1;
            uniforms[6] = Lr * trust;
            return;
        }

        uniforms[0] = Beta1;
        uniforms[1] = 1 - Beta1;
        uniforms[2] = Beta2;
        uniforms[3] = 1 - Beta2;
        uniforms[4] = 1 - MathF.Pow(Beta1, step);
        uniforms[5] = 1 - MathF.Pow(Beta2, step);
        uniforms[7] = Eps;
        uniforms[8] = WeightDecay;
    }

    public static BlockKernel GetCpuKernel(int variant, int phase, SimdWidth width, StateFormat states) =>
        (phase, width, states.IsQuantized) switch
    {
        (0, SimdWidth.Scalar, true) => ReduceScalar<DynamicCodec, DynamicUnsignedCodec>,
        (0, SimdWidth.Scalar, false) => ReduceScalar<Float32Codec, Float32Codec>,
        (0, SimdWidth.Vector128, true) => Reduce128<DynamicCodec, DynamicUnsignedCodec>,
        (0, SimdWidth.Vector128, false) => Reduce128<Float32Codec, Float32Codec>,
        (0, SimdWidth.Vector256, true) => Reduce256<DynamicCodec, DynamicUnsignedCodec>,
        (0, SimdWidth.Vector256, false) => Reduce256<Float32Codec, Float32Codec>,
        (0, SimdWidth.Vector512, true) => Reduce512<DynamicCodec, DynamicUnsignedCodec>,
        (0, SimdWidth.Vector512, false) => Reduce512<Float32Codec, Float32Codec>,
        (1, SimdWidth.Scalar, true) => UpdateScalar<DynamicCodec, DynamicUnsignedCodec>,
        (1, SimdWidth.Scalar, false) => UpdateScalar<Float32Codec, Float32Codec>,
        (1, SimdWidth.Vector128, true) => Update128<DynamicCodec, DynamicUnsignedCodec>,
        (1, SimdWidth.Vector128, false) => Update128<Float32Codec, Float32Codec>,
        (1, SimdWidth.Vector256, true) => Update256<DynamicCodec, DynamicUnsignedCodec>,
        (1, SimdWidth.Vector256, false) => Update256<Float32Codec, Float32Codec>,
        (1, SimdWidth.Vector512, true) => Update512<DynamicCodec, DynamicUnsignedCodec>,
        (1, SimdWidth.Vector512, false) => Update512<Float32Codec, Float32Codec>,
        _ => throw new ArgumentOutOfRangeException(nameof(width), width, "There is no kernel of that phase and width."),
    };

    public static DeviceKernel GetDeviceKernel<TParameter, TGradient>(int variant, int phase, StateFormat states)
        where TParameter : struct, IDeviceElementType
        where TGradient : struct, IDeviceElementType => (phase, states.IsQuantized) switch
    {
        (0, true) => ReduceDevice<TParameter, TGradient, QuantizedDeviceCodec<TableEncoding<DynamicTable>>, QuantizedDeviceCodec<TableEncoding<DynamicUnsignedTable>>>,
        (0, false) => ReduceDevice<TParameter, TGradient, Float32DeviceCodec, Float32DeviceCodec>,
        (1, true) => UpdateDevice<TParameter, TGradient, QuantizedDeviceCodec<TableEncoding<DynamicTable>>, QuantizedDeviceCodec<TableEncoding<DynamicUnsignedTable>>>,
        (1, false) => UpdateDevice<TParameter, TGradient, Float32DeviceCodec, Float32DeviceCodec>,
        _ => throw new ArgumentOutOfRangeException(nameof(phase), phase, "HandWrittenLamb has 2 phases."),
    };

    public double GetHyperparameter(int index) => index switch
    {
        0 => Lr,
        1 => Beta1,
        2 => Beta2,
        3 => Eps,
        4 => WeightDecay,
        _ => throw new ArgumentOutOfRangeException(nameof(index), index, "HandWrittenLamb has 5 hyperparameters."),
    };

    public HandWrittenLamb WithHyperparameter(int index, double value) => index switch
    {
        0 => this with { Lr = (float)value },
        1 => this with { Beta1 = (float)value },
        2 => this with { Beta2 = (float)value },
        3 => this with { Eps = (float)value },
        4 => this with { WeightDecay = (float)value },
        _ => throw new ArgumentOutOfRangeException(nameof(index), index, "HandWrittenLamb has 5 hyperparameters."),
    };
}
