using System.Reflection;
using ILGPU;
using ILGPU.Runtime;
using Requant.Codecs;
using Requant.CompilerServices;
using Requant.Devices;
using Requant.Runtime.Tests.Codecs;
using Requant.Runtime.Tests.Support;

namespace Requant.Runtime.Tests.Kernels.Device;

/// <summary>A device stores the codes and absmax that the codebook defines, and loads what they mean.</summary>
[Collection("accelerator")]
public class DeviceCodecTests(AcceleratorFixture fixture)
{
    private const int BlockSize = 256;

    private const ulong Key = 0x0123456789abcdef;

    public static TheoryData<Codec, StateRounding> Encodings =>
        [.. from codec in CodebookTests.Codecs
            from rounding in Enum.GetValues<StateRounding>()
            select (codec.Data, rounding)];

    [Theory, MemberData(nameof(Encodings))]
    public void CloseAndStore_ThresholdsAndRandomFloats_GiveTheCodebooksCodes(Codec codec, StateRounding rounding)
    {
        var random = new RandomBytes(0, Key);
        Codebook codebook = Codebook.For(codec);
        float[] values = Values(codebook);
        using var device = new AcceleratorDevice(fixture.Accelerator);
        using var states = new DeviceStates(device);
        using var storage = (DeviceStateStorage)states.CreateStorage(
            new() { Name = "x", Codec = codec }, BlockSize, true, values.Length, allocator: null);
        using MemoryBuffer1D<float, Stride1D.Dense> input = fixture.Accelerator.Allocate1D(values);
        using MemoryBuffer1D<float, Stride1D.Dense> output = fixture.Accelerator.Allocate1D<float>(values.Length);
        int blocks = (int)BlockSizes.Count(values.Length, BlockSize);

        var state = new QuantizedState(
            new StateInfo { Name = "x", Codec = codec }, BlockSize, values.Length, true, () => storage);

        Launch(
            CodecKernels.Of(nameof(CodecKernels.Store), codec, rounding), device, states, state, storage, blocks,
            input.View);
        Launch(
            CodecKernels.Of(nameof(CodecKernels.Load), codec, rounding), device, states, state, storage, blocks,
            output.View);

        ReadOnlySpan<byte> codes = storage.ReadCodes(0, values.Length);
        ReadOnlySpan<float> absmax = storage.ReadAbsmax(0, blocks);
        float[] loaded = output.GetAsArray1D();
        for (int i = 0; i < values.Length; i++)
        {
            float[] block = values.Chunk(BlockSize).ElementAt(i / BlockSize);
            float largest = block.Max(MathF.Abs);
            Assert.Equal(largest, absmax[i / BlockSize]);
            float u = largest == 0f ? 0f : values[i] * (1f / largest);
            Assert.Equal(
                rounding == StateRounding.Nearest ? codebook.Encode(u) : codebook.EncodeStochastic(u, random.At(i)),
                codes[i]);
            Assert.Equal(codebook.Decode(codes[i]) * largest, loaded[i]);
        }
    }

    private void Launch(
        Action<ArrayView<float>, LaunchParameters, long, long> kernel, AcceleratorDevice device, DeviceStates states,
        QuantizedState state, DeviceStateStorage storage, int blocks, ArrayView<float> values)
    {
        var tensor = new ParameterState(this, "x", values.Length, BlockSize, true, [state], []);
        fixture.Accelerator.LoadStreamKernel(kernel)(
            new KernelConfig(blocks, DeviceGrid.WarpSize), values,
            states.Describe(tensor) with { Memory = device.Memory },
            storage.ValuesPosition, storage.AbsmaxPosition);
        fixture.Accelerator.Synchronize();
    }

    // Blocks with a 1, so that nothing is scaled and thresholds are met exactly; then scaled ones, zeros and a ragged
    // end. What is below zero sends a whole block of an unsigned codec to where elements are taken one by one.
    private static float[] Values(Codebook codebook)
    {
        var random = new Random(5);
        float[] ends = [0f, 1f, float.Epsilon, 1e-40f, 1.17549435e-38f];
        float[] thresholds = codebook.Thresholds.IsEmpty
            ? [.. codebook.Values.ToArray().Distinct(), .. codebook.Values.ToArray().Select(value => value * 1.0625f)]
            : codebook.Thresholds.ToArray();
        IEnumerable<float> probes = thresholds.Where(float.IsFinite)
            .SelectMany(threshold => (float[])[threshold, MathF.BitDecrement(threshold), MathF.BitIncrement(threshold)])
            .Concat(ends)
            .SelectMany(value => codebook.IsUnsigned ? (float[])[value] : [value, -value])
            .Where(value => MathF.Abs(value) <= 1f)
            .Chunk(BlockSize - 1).SelectMany(chunk => chunk.Append(1f).Concat(new float[BlockSize - 1 - chunk.Length]));
        IEnumerable<float> scaled = Enumerable.Range(0, 3 * BlockSize).Select(_ =>
            17f * (random.NextSingle() - 0.5f) * MathF.Pow(10f, -8f * random.NextSingle()));
        return [.. probes, .. scaled, .. new float[BlockSize], -3f, 0.1f, 2f];
    }
}

/// <summary>One block for each group of one warp; whole ones as vectors.</summary>
public static class CodecKernels
{
    private const int BlockSize = Float32x8.BlockSize;

    private const ulong Key = 0x0123456789abcdef;

    public static Action<ArrayView<float>, LaunchParameters, long, long> Of(
        string method, Codec codec, StateRounding rounding) =>
        typeof(CodecKernels).GetMethod(method)!
            .MakeGenericMethod(typeof(QuantizedDeviceCodec<>).MakeGenericType(EncodingOf(codec, rounding)))
            .CreateDelegate<Action<ArrayView<float>, LaunchParameters, long, long>>();

    private static Type EncodingOf(Codec codec, StateRounding rounding)
    {
        const string Namespace = "Requant.CompilerServices.";
        string prefix = rounding == StateRounding.Stochastic ? "Stochastic" : "";
        Assembly runtime = typeof(IDeviceEncoding).Assembly;
        return runtime.GetType($"{Namespace}{prefix}{codec}Encoding")
            ?? runtime.GetType($"{Namespace}{prefix}TableEncoding`1", throwOnError: true)!
                .MakeGenericType(runtime.GetType($"{Namespace}{codec}Table", throwOnError: true)!);
    }

    public static void Store<TCodec>(ArrayView<float> values, LaunchParameters launch, long codes, long absmax)
        where TCodec : struct, IDeviceCodec
    {
        DeviceTable table = TCodec.OpenTable(launch, launch.Table0);
        var state = new DeviceState
        {
            Memory = launch.Memory,
            Values = codes,
            Absmax = absmax,
            LowerKey = unchecked((uint)Key),
            UpperKey = (uint)(Key >> 32),
        };
        long block = DeviceGrid.FirstBlock;
        long start = block * BlockSize;
        if (values.Length - start >= BlockSize)
        {
            Float32x8 eight = Float32DeviceElement.LoadEight(DeviceElements.At(values.Cast<byte>(), 0), (uint)block);
            uint largest = TCodec.Largest(TCodec.MaxMagnitude(0u, eight));
            if (largest < DeviceMath.Infinity)
            {
                TCodec.StoreEight(state, table, (uint)block, eight, TCodec.Inverse(largest));
                if (DeviceGrid.Lane == 0)
                {
                    TCodec.StoreAbsmax(state, (uint)block, largest);
                }

                return;
            }
        }

        float maximum = 0f;
        long end = values.Length - start < BlockSize ? values.Length : start + BlockSize;
        for (long i = start + DeviceGrid.Lane; i < end; i += DeviceGrid.WarpSize)
        {
            maximum = TCodec.MaxMagnitude(maximum, values[i], 0f);
        }

        float inverse = TCodec.Close(state, block, maximum);
        for (long i = start + DeviceGrid.Lane; i < end; i += DeviceGrid.WarpSize)
        {
            TCodec.Store(state, table, i, values[i], 0f, inverse);
        }
    }

    public static void Load<TCodec>(ArrayView<float> values, LaunchParameters launch, long codes, long absmax)
        where TCodec : struct, IDeviceCodec
    {
        DeviceTable table = TCodec.OpenTable(launch, launch.Table0);
        var state = new DeviceState
        {
            Memory = launch.Memory,
            Values = codes,
            Absmax = absmax,
            LowerKey = unchecked((uint)Key),
            UpperKey = (uint)(Key >> 32),
        };
        long block = DeviceGrid.FirstBlock;
        long start = block * BlockSize;
        float oldAbsmax = TCodec.Open(state, block);
        if (values.Length - start >= BlockSize)
        {
            Float32DeviceElement.StoreEight(
                DeviceElements.At(values.Cast<byte>(), 0), (uint)block, TCodec.LoadEight(state, table, (uint)block));
            return;
        }

        for (long i = start + DeviceGrid.Lane; i < values.Length; i += DeviceGrid.WarpSize)
        {
            values[i] = TCodec.Load(state, table, i, oldAbsmax);
        }
    }
}
