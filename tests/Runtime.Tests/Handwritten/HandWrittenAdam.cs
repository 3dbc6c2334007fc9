using Requant.Cpu;
using Requant.Ilgpu;
using Requant.Quantization;

namespace Requant.Runtime.Tests.Handwritten;

/// <summary>AdamW in the shape that the generator emits, kernels included, to test the runtime without the
/// generator.</summary>
public sealed partial record HandWrittenAdam : IOptimizerRule<HandWrittenAdam>
{
    public float Lr { get; init; } = 1e-3f;

    public float Beta1 { get; init; } = 0.9f;

    public float Beta2 { get; init; } = 0.999f;

    public float Eps { get; init; } = 1e-8f;

    public float WeightDecay { get; init; } = 0f;

    public static RuleInfo Info { get; } = new(
        Name: "HandWrittenAdam",
        Hash: "0",
        Precision: Precision.Exact,
        Source: """
            m = beta1 * m + (1 - beta1) * g;
            v = beta2 * v + (1 - beta2) * g * g;
            float denominator = MathF.Sqrt(v / (1 - MathF.Pow(beta2, step))) + eps;
            p -= lr * (m / (1 - MathF.Pow(beta1, step)) / denominator + weightDecay * p);
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
        Reductions: [],
        PhaseCount: 1,
        VariantCount: 1,
        UniformCount: 9);

    public int SelectVariant(int step, int unusedStates) => 0;

    public int StatesInUse() => (1 << Info.States.Count) - 1;

    public void ComputeUniforms(
        int phase, int step, int unusedStates, ReadOnlySpan<float> tensorStates, ReadOnlySpan<float> reductions, Span<float> uniforms)
    {
        uniforms[0] = Beta1;
        uniforms[1] = 1 - Beta1;
        uniforms[2] = Beta2;
        uniforms[3] = 1 - Beta2;
        uniforms[4] = 1 - MathF.Pow(Beta1, step);
        uniforms[5] = 1 - MathF.Pow(Beta2, step);
        uniforms[6] = Lr;
        uniforms[7] = Eps;
        uniforms[8] = WeightDecay;
    }

    public static BlockKernel GetCpuKernel(
        int variant, int phase, SimdWidth width, StateFormat states) => states.Codecs switch
    {
        StateCodecs.Float32 => CpuKernel<Float32Codec, Float32Codec>(width),
        StateCodecs.MiniFloat => CpuKernel<MiniFloatCodec, MiniFloatUnsignedCodec>(width),
        _ => CpuKernel<DynamicCodec, DynamicUnsignedCodec>(width),
    };

    public static DeviceKernel GetDeviceKernel<TParameter, TGradient>(int variant, int phase, StateFormat states)
        where TParameter : struct, IDeviceElementType
        where TGradient : struct, IDeviceElementType => states.IsQuantized
        ? UpdateDevice<TParameter, TGradient, QuantizedDeviceCodec<TableEncoding<DynamicTable>>, QuantizedDeviceCodec<TableEncoding<DynamicUnsignedTable>>>
        : UpdateDevice<TParameter, TGradient, Float32DeviceCodec, Float32DeviceCodec>;

    public double GetHyperparameter(int index) => index switch
    {
        0 => Lr,
        1 => Beta1,
        2 => Beta2,
        3 => Eps,
        4 => WeightDecay,
        _ => throw new ArgumentOutOfRangeException(nameof(index), index, "HandWrittenAdam has 5 hyperparameters."),
    };

    public HandWrittenAdam WithHyperparameter(int index, double value) => index switch
    {
        0 => this with { Lr = (float)value },
        1 => this with { Beta1 = (float)value },
        2 => this with { Beta2 = (float)value },
        3 => this with { Eps = (float)value },
        4 => this with { WeightDecay = (float)value },
        _ => throw new ArgumentOutOfRangeException(nameof(index), index, "HandWrittenAdam has 5 hyperparameters."),
    };

    private static BlockKernel CpuKernel<TM, TV>(SimdWidth width)
        where TM : struct, IStateCodec
        where TV : struct, IStateCodec => width switch
    {
        SimdWidth.Scalar => UpdateScalar<TM, TV>,
        SimdWidth.Vector128 => Update128<TM, TV>,
        SimdWidth.Vector256 => Update256<TM, TV>,
        SimdWidth.Vector512 => Update512<TM, TV>,
        _ => throw new ArgumentOutOfRangeException(nameof(width), width, "There is no kernel of that width."),
    };
}
