using System.Reflection;
using System.Runtime.InteropServices;
using ILGPU;
using Requant.Codecs;
using Requant.CompilerServices;
using Requant.Devices;
using Requant.Ptx;

namespace Requant.Runtime.Tests.Kernels.Device;

/// <summary>The PTX that encodes four values at once gives each the codebook's code, whatever the others are.</summary>
public class PackedCodeTests
{
    /// <summary>What every CUDA device gives a block without being asked for more.</summary>
    private const int MaxSharedBytes = 48 * 1024;

    private const int GroupSize = 256;
    private const int Packed = 4;
    private const int SignPatterns = 1 << Packed;

    private const ulong Key = 0x0123456789abcdef;

    public static TheoryData<Codec, StateRounding> Encodings =>
    [
        .. from codec in Enum.GetValues<Codec>()
           where codec != Codec.Float32
           from rounding in Enum.GetValues<StateRounding>()
           select (codec, rounding),
    ];

    public static TheoryData<Codec> Codecs => [.. Enum.GetValues<Codec>().Where(codec => codec != Codec.Float32)];

    [Theory]
    [MemberData(nameof(Encodings))]
    public void Encode_FourValuesOfAllSigns_AreTheCodebooksCodes(Codec codec, StateRounding rounding)
    {
        Codebook codebook = Codebook.For(codec);
        float[] values = [.. Magnitudes(codebook).Chunk(Packed).SelectMany(WithAllSigns)];
        var random = new RandomBytes(0, Key);

        byte[] codes = Encoded(codec, rounding, values);

        for (int i = 0; i < values.Length; i++)
        {
            byte expected = rounding == StateRounding.Nearest
                ? codebook.Encode(values[i])
                : codebook.EncodeStochastic(values[i], random.At(i));
            Assert.True(expected == codes[i], $"{values[i]:R} has code {codes[i]}, not {expected}");
        }
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void Decode_EveryCode_IsTheCodebooksValue(Codec codec)
    {
        ReadOnlySpan<float> expected = Codebook.For(codec).Values;
        byte[] codes = [.. Enumerable.Range(0, Codebook.MaxValues)
            .Select(code => (byte)Math.Min(code, Codebook.For(codec).Values.Length - 1))];

        float[] values = Decoded(codec, codes);

        for (int i = 0; i < codes.Length; i++)
        {
            Assert.Equal(BitConverter.SingleToInt32Bits(expected[codes[i]]), BitConverter.SingleToInt32Bits(values[i]));
        }
    }

    [Theory]
    [InlineData(Codec.Dynamic)]
    [InlineData(Codec.Float8E4M3)]
    public void Kernel_OfASignedCodec_ChoosesNothingByASign(Codec codec)
    {
        IReadOnlyDictionary<string, int> opcodes = Compile(nameof(Encode), codec, StateRounding.Nearest).Opcodes;

        Assert.False(opcodes.ContainsKey("selp.b32"));
        Assert.Equal(7, opcodes["prmt.b32"]);
    }

    [Fact]
    public void Tables_OfAllCodecs_FitAGroupTogether()
    {
        IEnumerable<Codec> codecs = Enum.GetValues<Codec>().Where(codec => codec != Codec.Float32);

        Assert.InRange(
            codecs.Where(HasTable).Sum(codec => DeviceTables.For(codec).Length * sizeof(int)), 1, MaxSharedBytes);
    }

    // A multiple of four: thresholds and their neighbours, from one end of the range to the other, next to each other.
    // Codecs without a
    // table have what their arithmetic may get wrong.
    private static float[] Magnitudes(Codebook codebook)
    {
        const float LeastNormal = 1.17549435e-38f;
        float[] ends =
        [
            0f, float.Epsilon, 1e-40f, MathF.BitDecrement(LeastNormal), LeastNormal, 1f, MathF.BitDecrement(1f), 0.5f,
            MathF.BitIncrement(1f),
        ];
        float[] thresholds = [.. codebook.Thresholds.ToArray().Where(float.IsFinite).Select(MathF.Abs).Distinct()];
        float[] probes =
        [
            .. ends,
            .. thresholds.SelectMany(one => (float[])[one, MathF.BitDecrement(one), MathF.BitIncrement(one), 1f])
                .Where(one => one is >= 0f and <= 1f),
            .. thresholds.Zip(thresholds.Reverse()).SelectMany(pair => (float[])[pair.First, pair.Second]),
            .. thresholds.Length == 0 ? UpperHalves() : [],
        ];
        return [.. probes, .. new float[(Packed - (probes.Length % Packed)) % Packed]];
    }

    /// <summary>From each step of a code on downwards, for every bit that a code or a place depends on: all exponents,
    /// and the mantissas next to
    /// where something changes.</summary>
    private static IEnumerable<float> UpperHalves() =>
        from upper in Enumerable.Range(0, 0x3f80)
        where upper % 8 is 0 or 7 || upper is > 0x2f00 and < 0x2fc0 or > 0x3700 and < 0x37c0 or > 0x3f00
        from lower in upper % 16 == 0 ? LowerHalves : LowerHalves[..2]
        select BitConverter.Int32BitsToSingle((upper << 16) | lower);

    private static readonly int[] LowerHalves = [0xffff, 0, 1, 0x7ff, 0x800, 0x801, 0xf7ff, 0xf800];

    private static IEnumerable<float> WithAllSigns(float[] four, int index)
    {
        // All patterns for the first; then one each in turn.
        int[] patterns = index < SignPatterns ? [.. Enumerable.Range(0, SignPatterns)] : [index % SignPatterns];
        return from pattern in patterns
               from place in Enumerable.Range(0, Packed)
               select (pattern >> place & 1) == 0 ? four[place] : -four[place];
    }

    private static byte[] Encoded(Codec codec, StateRounding rounding, float[] values) =>
        Run(nameof(Encode), codec, rounding, Bytes(values), values.Length);

    private static float[] Decoded(Codec codec, byte[] codes) => MemoryMarshal
        .Cast<byte, float>(Run(nameof(Decode), codec, StateRounding.Nearest, codes, codes.Length * sizeof(float)))
        .ToArray();

    private static byte[] Run(string kernel, Codec codec, StateRounding rounding, byte[] values, int outputBytes)
    {
        var memory = new GlobalMemory();
        int count = kernel == nameof(Encode) ? values.Length / (Packed * sizeof(float)) : values.Length / (2 * Packed);
        GlobalBuffer table = memory.Add(
            "table", HasTable(codec) ? Bytes(DeviceTables.For(codec)) : [0], isWritable: false);
        GlobalBuffer input = memory.Add("input", values, isWritable: false);
        GlobalBuffer output = memory.Add("output", new byte[outputBytes], isWritable: true);
        Compile(kernel, codec, rounding).Run(
            new PtxGrid((count + GroupSize - 1) / GroupSize, GroupSize), memory,
            [
                [.. BitConverter.GetBytes(0L), .. BitConverter.GetBytes(long.MaxValue)],
                BitConverter.GetBytes(table.Address),
                BitConverter.GetBytes(input.Address), BitConverter.GetBytes(output.Address),
                BitConverter.GetBytes(count),
            ]);
        return output.Bytes;
    }

    private static bool HasTable(Codec codec) => codec is not (Codec.MiniFloat or Codec.MiniFloatUnsigned);

    private static PtxKernel Compile(string kernel, Codec codec, StateRounding rounding)
    {
        MethodInfo method = typeof(PackedCodeTests)
            .GetMethod(kernel, BindingFlags.Static | BindingFlags.NonPublic)!
            .MakeGenericMethod(DeviceEncodings.Of(codec, rounding));
        return PtxModule.Parse(PtxCompiler.Compile(method, "sm_90")).Kernels[0];
    }

    /// <summary>Four values for each thread; scaled as they are.</summary>
    internal static void Encode<TEncoding>(ArrayView<byte> memory, long table, long values, long codes, int count)
        where TEncoding : struct, IDeviceEncoding
    {
        DeviceTable opened = TEncoding.OpenTable(new LaunchParameters { Memory = memory }, table);
        int i = (Grid.IdxX * Group.DimX) + Group.IdxX;
        if (i < count)
        {
            var state =
                new DeviceState { Memory = memory, LowerKey = unchecked((uint)Key), UpperKey = (uint)(Key >> 32) };
            DeviceFour four = DeviceMemory.Load<DeviceFour>(memory, values + ((long)i * sizeof(float) * Packed));
            DeviceMemory.Store(
                memory, codes + ((long)i * Packed),
                TEncoding.EncodeFour(state, opened, (uint)i, four.X, four.Y, four.Z, four.W, 1f));
        }
    }

    /// <summary>Eight codes for each thread.</summary>
    internal static void Decode<TEncoding>(ArrayView<byte> memory, long table, long codes, long values, int count)
        where TEncoding : struct, IDeviceEncoding
    {
        DeviceTable opened = TEncoding.OpenTable(new LaunchParameters { Memory = memory }, table);
        int i = (Grid.IdxX * Group.DimX) + Group.IdxX;
        if (i < count)
        {
            DevicePair pair = DeviceMemory.Load<DevicePair>(memory, codes + ((long)i * sizeof(ulong)));
            Float32x8 eight = TEncoding.DecodeEight(opened, pair.X, pair.Y);
            long to = values + ((long)i * 2 * sizeof(float) * Packed);
            DeviceMemory.Store(memory, to, new DeviceFour { X = eight.X0, Y = eight.X1, Z = eight.X2, W = eight.X3 });
            DeviceMemory.Store(
                memory, to + (sizeof(float) * Packed),
                new DeviceFour { X = eight.X4, Y = eight.X5, Z = eight.X6, W = eight.X7 });
        }
    }

    private static byte[] Bytes<T>(T[] values)
        where T : unmanaged => MemoryMarshal.AsBytes<T>(values).ToArray();
}

/// <summary>The types that kernels encode by.</summary>
internal static class DeviceEncodings
{
    private const string Namespace = "Requant.CompilerServices.";

    public static Type Of(Codec codec, StateRounding rounding)
    {
        string prefix = rounding == StateRounding.Stochastic ? "Stochastic" : "";
        Assembly runtime = typeof(IDeviceEncoding).Assembly;
        return runtime.GetType($"{Namespace}{prefix}{codec}Encoding")
            ?? runtime.GetType($"{Namespace}{prefix}TableEncoding`1", throwOnError: true)!
                .MakeGenericType(runtime.GetType($"{Namespace}{codec}Table", throwOnError: true)!);
    }
}
