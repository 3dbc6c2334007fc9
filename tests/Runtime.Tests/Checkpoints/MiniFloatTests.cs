using Requant.Checkpoints.Images;
using Requant.Runtime.Tests.Support;

namespace Requant.Runtime.Tests.Checkpoints;

/// <summary>States of MiniFloat in checkpoints: conversions to and from it, for random states.</summary>
public sealed class MiniFloatTests
{
    private static readonly OptimizerOptions Mini = new() { Codecs = StateCodecs.MiniFloat };

    private static readonly LoadOptions AnyConversion =
        new() { ConvertCodec = true, ConvertPrecision = true, ConvertBlockSize = true };

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 8)];

    [Theory, MemberData(nameof(Seeds))]
    public void Load_SameCodec_HasTheSameBits(int seed)
    {
        using Optimizer<Adam> source = MakeRandom(Mini, seed);
        using Optimizer<Adam> optimizer = MakeRandom(Mini, seed + 100);

        Saved.Load(optimizer, Saved.Bytes(source));

        Assert.Equal(Saved.Bytes(source), Saved.Bytes(optimizer));
    }

    /// <summary>What is in 8 bits survives 32: each block has the code of its absmax.</summary>
    [Theory, MemberData(nameof(Seeds))]
    public void Load_ThroughFloat32AndBack_HasTheSameBits(int seed)
    {
        using Optimizer<Adam> source = MakeRandom(Mini, seed);
        using Optimizer<Adam> between = MakeRandom(Mini with { Codecs = StateCodecs.Float32 }, seed + 100);
        using Optimizer<Adam> optimizer = MakeRandom(Mini, seed + 200);

        Saved.Load(between, Saved.Bytes(source), new LoadOptions { ConvertPrecision = true });
        Saved.Load(optimizer, Saved.Bytes(between), new LoadOptions { ConvertPrecision = true });

        Assert.Equal(Values(source, "m"), between.Parameters[0].States["m"].Values.ToArray());
        Assert.Equal(Values(source, "v"), between.Parameters[0].States["v"].Values.ToArray());
        Assert.Equal(Saved.Bytes(source), Saved.Bytes(optimizer));
    }

    [Theory, MemberData(nameof(Seeds))]
    public void Load_OtherCodec_EncodesToTheNearest(int seed)
    {
        using Optimizer<Adam> dynamic =
            MakeRandom(new OptimizerOptions { Codecs = StateCodecs.Dynamic }, seed);
        using Optimizer<Adam> mini = MakeRandom(Mini, seed + 100);
        float[][] before = [Values(dynamic, "m"), Values(dynamic, "v"), Values(mini, "m"), Values(mini, "v")];
        byte[] bytes = Saved.Bytes(mini);

        Saved.Load(mini, Saved.Bytes(dynamic), new LoadOptions { ConvertCodec = true });
        Saved.Load(dynamic, bytes, new LoadOptions { ConvertCodec = true });

        AssertConverted(mini, before[0], before[1], 256);
        AssertConverted(dynamic, before[2], before[3], 256);
    }

    [Theory, MemberData(nameof(Seeds))]
    public void Load_OtherBlockSize_EncodesToTheNearest(int seed)
    {
        using Optimizer<Adam> source = MakeRandom(Mini, seed);
        using Optimizer<Adam> optimizer = MakeRandom(Mini with { BlockSize = 16 * seed }, seed + 100);

        Saved.Load(optimizer, Saved.Bytes(source), new LoadOptions { ConvertBlockSize = true });

        AssertConverted(optimizer, Values(source, "m"), Values(source, "v"), 16 * seed);
    }

    [Theory, MemberData(nameof(Seeds))]
    public void Load_Float32_EncodesToTheNearest(int seed)
    {
        using Optimizer<Adam> source = MakeRandom(Mini with { Codecs = StateCodecs.Float32 }, seed);
        using Optimizer<Adam> optimizer = MakeRandom(Mini with { BlockSize = 80 }, seed + 100);

        Saved.Load(optimizer, Saved.Bytes(source), AnyConversion);

        AssertConverted(optimizer, Values(source, "m"), Values(source, "v"), 80);
    }

    /// <summary>Code 0x80 would be -0. No step stores it, so that whoever wrote it is no version of this library: it is
    /// refused as any code that a codec lacks.</summary>
    [Fact]
    public void Code0x80_IsRefused()
    {
        using Optimizer<Adam> source = Saved.Make(1);
        using Optimizer<Adam> mini = MakeRandom(Mini, 2);
        using Optimizer<Adam> dynamic = Saved.Make(3);
        source.Parameters[0].States["m"].SetCodes(7, [0x80]);
        byte[] bytes = Saved.EditManifest(Saved.Bytes(source), manifest =>
        {
            manifest["parameters"]![0]!["states"]![0]!["codec"] = "MiniFloat";
            manifest["parameters"]![0]!["states"]![1]!["codec"] = "MiniFloatUnsigned";
        });
        byte[] before = Saved.Bytes(mini);

        CheckpointException same = Assert.Throws<CheckpointException>(() => Saved.Load(mini, bytes));
        CheckpointException other = Assert.Throws<CheckpointException>(() => Saved.Load(dynamic, bytes, AnyConversion));
        ArgumentException set =
            Assert.Throws<ArgumentException>(() => mini.Parameters[0].States["m"].SetCodes(3, [1, 0x80]));
        mini.Parameters[0].States["v"].SetCodes(3, [1, 0x80]);

        Assert.All([same, other], each => Assert.Contains("is 128, which is none of those of "
            + "MiniFloat", each.Message, StringComparison.Ordinal));
        Assert.Contains("Code 128 at element 4 of state 'm'", set.Message, StringComparison.Ordinal);
        Saved.Load(mini, before);
        Assert.Equal(before, Saved.Bytes(mini));
    }

    private static void AssertConverted(Optimizer<Adam> actual, float[] m, float[] v, int blockSize)
    {
        ConversionTests.AssertNearest(actual.Parameters[0].States["m"], m, blockSize);
        ConversionTests.AssertNearest(actual.Parameters[0].States["v"], v, blockSize);
        float[] stored = Values(actual, "v");
        Assert.All(v.Zip(stored), pair => Assert.Equal(pair.First > 0, pair.Second > 0));
    }

    /// <summary>Values of many magnitudes within a block, though none so small beside another that float32 cannot
    /// divide their squares, of which some are 0, and blocks of zeros; not by steps, whose kernels have one codec
    /// here.</summary>
    private static Optimizer<Adam> MakeRandom(OptimizerOptions options, int seed)
    {
        var optimizer = new Optimizer<Adam>(new Adam(), options);
        optimizer.Add("long", Saved.LongLength);
        optimizer.Add("short", Saved.ShortLength);
        var random = new Random(seed);
        float[] scales =
        [
            .. Enumerable.Range(0, Saved.LongLength)
                .Select(_ => random.Next(5) == 0 ? 0 : MathF.Pow(10, random.Next(-4, 5))),
        ];
        float[] m =
        [
            .. scales.Select((_, i) =>
                scales[i / 100] * ((2 * random.NextSingle()) - 1) * MathF.Pow(2, -random.Next(20))),
        ];
        Set(optimizer.Parameters[0].States["m"], m);
        Set(optimizer.Parameters[0].States["v"], [.. m.Select(value => value * value)]);
        optimizer.Parameters[0].Step = seed;
        return optimizer;
    }

    private static void Set(QuantizedState state, float[] values)
    {
        if (!state.IsQuantized)
        {
            state.SetValues(0, values);
            return;
        }

        byte[] codes = new byte[values.Length];
        float[] absmax = new float[state.BlockCount];
        for (int block = 0; block < absmax.Length; block++)
        {
            int start = block * state.BlockSize;
            int count = Math.Min(state.BlockSize, values.Length - start);
            absmax[block] =
                StateEncoder.Encode(values.AsSpan(start, count), Codebook.For(state.Codec), codes.AsSpan(start, count));
        }

        state.SetCodes(0, codes);
        state.SetAbsmax(0, absmax);
    }

    private static float[] Values(Optimizer<Adam> optimizer, string state)
    {
        float[] values = new float[Saved.LongLength];
        optimizer.Parameters[0].States[state].Dequantize(values);
        return values;
    }
}
