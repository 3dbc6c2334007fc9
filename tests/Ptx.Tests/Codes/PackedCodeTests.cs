using ILGPU;
using Requant.Ilgpu;
using Requant.Quantization;

namespace Requant.Ptx.Tests.Codes;

/// <summary>The PTX that encodes four values at once gives each the codebook's code, whatever the others are.</summary>
public class PackedCodeTests
{
    /// <summary>What every CUDA device gives a block without being asked for more.</summary>
    private const int MaxSharedBytes = 48 * 1024;

    private const int GroupSize = 256;
    private const int Packed = 4;
    private const int SignPatterns = 1 << Packed;

    [Theory]
    [InlineData(Codec.Dynamic)]
    [InlineData(Codec.DynamicUnsigned)]
    [InlineData(Codec.Linear)]
    [InlineData(Codec.LinearUnsigned)]
    [InlineData(Codec.SoftSign)]
    [InlineData(Codec.SquareRoot)]
    [InlineData(Codec.Float8E4M3)]
    public void Encode_FourValuesOfAllSigns_AreTheCodebooksCodes(Codec codec)
    {
        Codebook codebook = Codebook.For(codec);
        float[] values = [.. Magnitudes(codebook).Chunk(Packed).SelectMany(WithAllSigns)];

        byte[] codes = Run(codec, values);

        for (int i = 0; i < values.Length; i++)
        {
            Assert.True(codebook.Encode(values[i]) == codes[i], $"{values[i]:R} has code {codes[i]}, not {codebook.Encode(values[i])}");
        }
    }

    [Theory]
    [InlineData(Codec.Dynamic)]
    [InlineData(Codec.Float8E4M3)]
    public void Kernel_OfASignedCodec_ChoosesNothingByASign(Codec codec)
    {
        IReadOnlyDictionary<string, int> opcodes = Compile(codec).Opcodes;

        Assert.False(opcodes.ContainsKey("selp.b32"));
        Assert.Equal(7, opcodes["prmt.b32"]);
    }

    [Fact]
    public void Tables_OfAllCodecs_FitAGroupTogether()
    {
        IEnumerable<Codec> codecs = Enum.GetValues<Codec>().Where(codec => codec != Codec.Float32);

        Assert.InRange(codecs.Sum(codec => DeviceTables.For(codec).Length * sizeof(int)), 1, MaxSharedBytes);
    }

    // A multiple of four: thresholds and their neighbours, from one end of the range to the other, next to each other.
    private static float[] Magnitudes(Codebook codebook)
    {
        const float LeastNormal = 1.17549435e-38f;
        float[] ends = [0f, float.Epsilon, 1e-40f, MathF.BitDecrement(LeastNormal), LeastNormal, 1f, MathF.BitDecrement(1f), 0.5f];
        float[] thresholds = [.. codebook.Thresholds.ToArray().Where(float.IsFinite).Select(MathF.Abs).Distinct()];
        float[] probes =
        [
            .. ends,
            .. thresholds.SelectMany(one => (float[])[one, MathF.BitDecrement(one), MathF.BitIncrement(one), 1f])
                .Where(one => one is >= 0f and <= 1f),
            .. thresholds.Zip(thresholds.Reverse()).SelectMany(pair => (float[])[pair.First, pair.Second]),
        ];
        return [.. probes, .. new float[(Packed - (probes.Length % Packed)) % Packed]];
    }

    private static IEnumerable<float> WithAllSigns(float[] four) =>
        from pattern in Enumerable.Range(0, SignPatterns)
        from place in Enumerable.Range(0, Packed)
        select (pattern >> place & 1) == 0 ? four[place] : -four[place];

    private static byte[] Run(Codec codec, float[] values)
    {
        var memory = new GlobalMemory();
        int count = values.Length / Packed;
        GlobalBuffer table = memory.Add("table", Bytes(DeviceTables.For(codec)), isWritable: false);
        GlobalBuffer input = memory.Add("values", Bytes(values), isWritable: false);
        GlobalBuffer output = memory.Add("codes", new byte[values.Length], isWritable: true);
        Compile(codec).Run(
            new PtxGrid((count + GroupSize - 1) / GroupSize, GroupSize), memory,
            [
                [.. BitConverter.GetBytes(0L), .. BitConverter.GetBytes(long.MaxValue)], BitConverter.GetBytes(table.Address),
                BitConverter.GetBytes(input.Address), BitConverter.GetBytes(output.Address), BitConverter.GetBytes(count),
            ]);
        return output.Bytes;
    }

    private static PtxKernel Compile(Codec codec)
    {
        Action<ArrayView<byte>, long, long, long, int> kernel = codec switch
        {
            Codec.Dynamic => Encode<DynamicTable>,
            Codec.DynamicUnsigned => Encode<DynamicUnsignedTable>,
            Codec.Linear => Encode<LinearTable>,
            Codec.LinearUnsigned => Encode<LinearUnsignedTable>,
            Codec.SoftSign => Encode<SoftSignTable>,
            Codec.SquareRoot => Encode<SquareRootTable>,
            _ => Encode<Float8E4M3Table>,
        };
        return PtxModule.Parse(PtxCompiler.Compile(kernel.Method, "sm_90", Precision.Exact)).Kernels[0];
    }

    /// <summary>Four values for each thread; scaled as they are.</summary>
    internal static void Encode<TTable>(ArrayView<byte> memory, long table, long values, long codes, int count)
        where TTable : struct, IDeviceTable
    {
        DeviceTable opened = DeviceTable.Open<TTable>(memory, table);
        DeviceTable.Publish();
        int i = (Grid.IdxX * Group.DimX) + Group.IdxX;
        if (i < count)
        {
            DeviceFour four = DeviceMemory.Load<DeviceFour>(memory, values + ((long)i * sizeof(float) * Packed));
            DeviceMemory.Store(memory, codes + ((long)i * Packed), opened.Encode<TTable>(four.X, four.Y, four.Z, four.W, 1f));
        }
    }

    private static byte[] Bytes<T>(T[] values)
        where T : unmanaged => System.Runtime.InteropServices.MemoryMarshal.AsBytes<T>(values).ToArray();
}
