using Requant.Runtime.Tests.Support;

namespace Requant.Runtime.Tests.Checkpoints;

/// <summary>Files of format 1, made of files of today; a file that an earlier version wrote is in Optimizers.Tests.
/// Signed dynamic codes mean the paper's values there.</summary>
public sealed class FirstFormatTests
{
    private const int Codes = 256;

    /// <summary>More than is read at a time, in blocks that do not divide it.</summary>
    private static readonly (int Length, int BlockSize)[] Sizes = [(5003, 256), (600_001, 48)];

    public static MatrixTheoryData<int, int> Cases => new(Enumerable.Range(0, Sizes.Length), [1, 2, 3]);

    [Theory, MemberData(nameof(Cases))]
    public void Load_IntoDynamic_KeepsBlocksWithoutCode0AndEncodesTheOthersAnew(int size, int seed)
    {
        (int length, int blockSize) = Sizes[size];
        using Optimizer<Adam> source = Make(length, new OptimizerOptions { BlockSize = blockSize });
        using Optimizer<Adam> optimizer = Make(length, new OptimizerOptions { BlockSize = blockSize });
        float[] values = SetRandom(source, seed);
        QuantizedState saved = source.Parameters[0].States["m"];

        Saved.Load(optimizer, Saved.AsFirstFormat(Saved.Bytes(source)));

        QuantizedState loaded = optimizer.Parameters[0].States["m"];
        for (int block = 0; block < saved.BlockCount; block++)
        {
            int start = block * blockSize;
            int count = Math.Min(blockSize, length - start);
            if (saved.GetCodes(start, count).Contains((byte)0))
            {
                float[] some = values[start..(start + count)];
                AssertEncoded(some, loaded.GetCodes(start, count), loaded.GetAbsmax(block, 1)[0]);
                continue;
            }

            Assert.Equal(saved.GetCodes(start, count), loaded.GetCodes(start, count));
            Assert.Equal(saved.GetAbsmax(block, 1)[0], loaded.GetAbsmax(block, 1)[0]);
        }

        Assert.Equal(source.Parameters[0].States["v"].Codes, optimizer.Parameters[0].States["v"].Codes);
        Assert.Equal(source.Parameters[0].States["v"].Absmax, optimizer.Parameters[0].States["v"].Absmax);
    }

    [Fact]
    public void Load_Converted_IsOfThePapersValues()
    {
        using Optimizer<Adam> source = Make(Saved.LongLength, new OptimizerOptions());
        using Optimizer<Adam> inFloat32 =
            Make(Saved.LongLength, new OptimizerOptions { Codecs = StateCodecs.Float32 });
        using Optimizer<Adam> inBlocks = Make(Saved.LongLength, new OptimizerOptions { BlockSize = 96 });
        using Optimizer<Adam> mini =
            Make(Saved.LongLength, new OptimizerOptions { Codecs = StateCodecs.MiniFloat });
        float[] values = SetRandom(source, 4);
        byte[] bytes = Saved.AsFirstFormat(Saved.Bytes(source));

        Saved.Load(inFloat32, bytes, new LoadOptions { ConvertPrecision = true });
        Saved.Load(inBlocks, bytes, new LoadOptions { ConvertBlockSize = true });
        Saved.Load(mini, bytes, new LoadOptions { ConvertCodec = true });

        Assert.Equal(values, inFloat32.Parameters[0].States["m"].Values);
        ConversionTests.AssertNearest(inBlocks.Parameters[0].States["m"], values, 96);
        ConversionTests.AssertNearest(mini.Parameters[0].States["m"], values, 256);
    }

    /// <summary>The hash was of codecs and block sizes too, which may be declared otherwise since. What else differs is
    /// refused as ever.</summary>
    [Fact]
    public void Load_OtherHash_IsNotCompared()
    {
        using Optimizer<Adam> source = Saved.Make(1);
        using Optimizer<Adam> optimizer = Saved.Make(2);
        byte[] bytes = Saved.AsFirstFormat(Saved.Bytes(source));
        byte[] lacking =
            Saved.EditManifest(bytes, one => one["groups"]![0]!["hyperparameters"]!.AsObject().Remove("beta1"));

        CheckpointException exception = Assert.Throws<CheckpointException>(() => Saved.Load(optimizer, lacking));
        Assert.Contains("beta1", exception.Message, StringComparison.Ordinal);
        Saved.Load(optimizer, bytes);

        Assert.Equal(source.Parameters[0].Step, optimizer.Parameters[0].Step);
    }

    /// <summary>It said nothing of how states are rounded: nearest was all there was.</summary>
    [Fact]
    public void Load_IntoStochasticStates_IsOtherRounding()
    {
        using Optimizer<Adam> source = Saved.Make(1);
        using Optimizer<Adam> optimizer =
            Saved.Make(2, new OptimizerOptions { StateRounding = StateRounding.Stochastic, RoundingSeed = 8 });
        byte[] bytes = Saved.AsFirstFormat(Saved.Bytes(source));

        CheckpointException exception = Assert.Throws<CheckpointException>(() => Saved.Load(optimizer, bytes));
        Assert.Contains("StateRounding = Nearest", exception.Message, StringComparison.Ordinal);
        Saved.Load(optimizer, bytes, new LoadOptions { AcceptOtherRounding = true });

        Assert.Equal(8ul, optimizer.RoundingSeed);
    }

    [Fact]
    public void Load_SeedOfStochasticParameters_IsTaken()
    {
        using Optimizer<Adam> source =
            Saved.Make(1, new OptimizerOptions { Rounding = ParameterRounding.Stochastic, RoundingSeed = 9 });
        using Optimizer<Adam> optimizer =
            Saved.Make(2, new OptimizerOptions { Rounding = ParameterRounding.Stochastic });

        Saved.Load(optimizer, Saved.AsFirstFormat(Saved.Bytes(source)));

        Assert.Equal(9ul, optimizer.RoundingSeed);
    }

    [Fact]
    public void Convert_OtherNumberOfScales_Throws() =>
        Assert.Throws<ArgumentException>(() => PaperDynamic.Convert(new byte[257], new float[1], 256));

    private static Optimizer<Adam> Make(int length, OptimizerOptions options)
    {
        var optimizer = new Optimizer<Adam>(new Adam(), options);
        optimizer.Add("long", length);
        return optimizer;
    }

    /// <summary>Codes of which one block in two has no 0, one in three no 255, and scales of many magnitudes, 0 among
    /// them.</summary>
    /// <returns>What m meant.</returns>
    private static float[] SetRandom(Optimizer<Adam> optimizer, int seed)
    {
        var random = new Random(seed);
        ParameterState state = optimizer.Parameters[0];
        QuantizedState m = state.States["m"];
        float[] absmax =
        [
            .. Enumerable.Range(0, (int)m.BlockCount)
                .Select(_ => random.Next(8) == 0 ? 0 : MathF.Pow(10, random.Next(-30, 30))),
        ];
        (int Least, int End)[] ranges =
            [.. absmax.Select(_ => (random.Next(2), Codes - (random.Next(3) == 0 ? 1 : 0)))];
        byte[] codes =
        [
            .. Enumerable.Range(0, (int)m.Length).Select(i => ranges[i / m.BlockSize])
                .Select(range => (byte)random.Next(range.Least, range.End)),
        ];
        m.SetCodes(0, codes);
        m.SetAbsmax(0, absmax);
        state.States["v"].SetCodes(0, codes);
        state.States["v"].SetAbsmax(0, absmax);
        return [.. codes.Select((code, i) => PaperDynamic.Values[code] * absmax[i / m.BlockSize])];
    }

    /// <summary>The largest magnitude is the scale, and every code is that of the value over it.</summary>
    private static void AssertEncoded(float[] values, ReadOnlySpan<byte> codes, float absmax)
    {
        float largest = values.Max(MathF.Abs);
        Assert.Equal(largest, absmax);
        var codebook = Codebook.For(Codec.Dynamic);
        float scale = 1f / largest;
        byte[] expected =
            [.. values.Select(value => largest == 0 ? codebook.ZeroCode : codebook.Encode(value * scale))];
        Assert.Equal(expected, codes);
    }
}
