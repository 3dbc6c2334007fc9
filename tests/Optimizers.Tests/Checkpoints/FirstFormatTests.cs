using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace Requant.Optimizers.Tests.Checkpoints;

/// <summary>Files that a version before format 2 wrote: three steps of Adam, and of Lion with stochastic rounding of
/// bfloat16 parameters. The largest value of m's first block is negative (a code 0), that of the second positive, the
/// third has both, the last is of zeros.</summary>
public sealed class FirstFormatTests : IDisposable
{
    private const int Length = 1000;

    private const int BlockSize = 256;

    private const ulong Seed = 0xfedc_ba98_7654_3210;

    private static readonly string AdamFile = FileOf("adam-format1.safetensors");

    private static readonly OptimizerOptions Paper = new()
    {
        MinQuantizedLength = 0, KeepFloat32 = ["b"],
        Codecs = StateCodecs.Dynamic, StateRounding = StateRounding.Nearest,
    };

    private readonly string _file = Path.GetTempFileName();

    /// <summary>The values that the file's codes had for the version that wrote them.</summary>
    [Fact]
    public void Load_AdamIntoFloat32_HasTheValuesOfThePapersMap()
    {
        using Optimizer<Adam> adam = Make(new Adam(), Paper with { Codecs = StateCodecs.Float32 });

        adam.Load(AdamFile, new LoadOptions { ConvertPrecision = true });

        Assert.Equal(SavedValues(), adam.Parameters[0].States["m"].Values);
        Assert.Equal((3, 0.01f), (adam.Parameters[0].Step, adam.Rule.Lr));
    }

    [Fact]
    public void Load_AdamIntoDynamic_KeepsBlocksWithoutCode0AndConvertsTheOthers()
    {
        using Optimizer<Adam> adam = Make(new Adam(), Paper);

        adam.Load(AdamFile);

        QuantizedState m = adam.Parameters[0].States["m"];
        byte[] codes = Tensor("w.m.codes").ToArray();
        float[] absmax = MemoryMarshal.Cast<byte, float>(Tensor("w.m.absmax")).ToArray();
        float[] values = SavedValues();
        Assert.Equal([true, false, true, false], Blocks(codes).Select(block => block.Contains((byte)0)));

        // Of the first block the largest magnitude is that of code 0 now, and its code means it exactly.
        Assert.Equal(values[..BlockSize].Max(MathF.Abs), m.Absmax[0]);
        Assert.Equal(-m.Absmax[0], Decoded(m)[codes.AsSpan().IndexOf((byte)0)]);
        Assert.NotEqual(absmax[0], m.Absmax[0]);

        // The others keep their scales, and their codes.
        Assert.Equal(absmax[1..], m.Absmax[1..].ToArray());
        Assert.Equal(codes[BlockSize..], m.Codes[BlockSize..].ToArray());
        AssertNear(values, Decoded(m), Codec.Dynamic, m.Absmax);
        Assert.Equal(Tensor("w.v.codes"), adam.Parameters[0].States["v"].Codes);
    }

    [Fact]
    public void Load_AdamIntoMiniFloat_IsRefusedWithWhatToSet_AndConverts()
    {
        OptimizerOptions mini = Paper with { Codecs = StateCodecs.MiniFloat, StateRounding = StateRounding.Stochastic };
        using Optimizer<Adam> adam = Make(new Adam(), mini);
        adam.Save(_file);
        byte[] before = File.ReadAllBytes(_file);

        CheckpointException exception = Assert.Throws<CheckpointException>(() => adam.Load(AdamFile));
        adam.Save(_file);

        Assert.StartsWith(
            "State 'm' of 'w' was saved as Dynamic with blocks of 256 and is MiniFloat with blocks of 256 and "
            + "stochastic rounding here, and 2 more differ; "
            + "make the optimizer with Codecs = Dynamic and StateRounding = Nearest, or set LoadOptions.ConvertCodec "
            + "and LoadOptions.AcceptOtherRounding to "
            + "take the states into this one.", exception.Message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(_file));

        adam.Load(AdamFile, new LoadOptions { ConvertCodec = true, AcceptOtherRounding = true });
        QuantizedState m = adam.Parameters[0].States["m"];
        AssertNear(SavedValues(), Decoded(m), Codec.MiniFloat, m.Absmax);
    }

    [Fact]
    public void Load_AdamThenSave_IsFormat2AndLoadsAgain()
    {
        using Optimizer<Adam> adam = Make(new Adam(), Paper);
        using Optimizer<Adam> again = Make(new Adam(), Paper);
        adam.Load(AdamFile);
        adam.Save(_file);

        again.Load(_file);

        byte[] saved = File.ReadAllBytes(_file);
        again.Save(_file);
        Assert.Equal(saved, File.ReadAllBytes(_file));
        Assert.Equal(2, (int)Manifest(saved)["format"]!);
        Assert.Equal(1, (int)Manifest(File.ReadAllBytes(AdamFile))["format"]!);
    }

    [Fact]
    public void Load_LionOfStochasticParameters_TakesTheSeed()
    {
        OptimizerOptions options = Paper with { Rounding = ParameterRounding.Stochastic, RoundingSeed = 1 };
        using Optimizer<Lion> lion = Make(new Lion(), options);
        using Optimizer<Lion> nearest = Make(new Lion(), options with { Rounding = ParameterRounding.Nearest });
        string file = FileOf("lion-format1.safetensors");

        lion.Load(file);

        Assert.Equal((Seed, 3), (lion.RoundingSeed, lion.Parameters[0].Step));
        CheckpointException exception = Assert.Throws<CheckpointException>(() => nearest.Load(file));
        Assert.Contains(
            "Rounding = Stochastic and this optimizer has Nearest", exception.Message, StringComparison.Ordinal);
    }

    public void Dispose() => File.Delete(_file);

    private static string FileOf(string name) => Path.Combine(AppContext.BaseDirectory, "Data", "format1", name);

    private static Optimizer<TRule> Make<TRule>(TRule rule, OptimizerOptions options)
        where TRule : IOptimizerRule<TRule>
    {
        var optimizer = new Optimizer<TRule>(rule, options);
        optimizer.Add("w", Length);
        optimizer.Add("b", 7);
        return optimizer;
    }

    /// <summary>m of w, decoded here: code 0 meant -0.99296874, all others what they mean now.</summary>
    private static float[] SavedValues()
    {
        float[] map = Codebook.For(Codec.Dynamic).Values.ToArray();
        map[0] = -0.99296874f;
        float[] absmax = MemoryMarshal.Cast<byte, float>(Tensor("w.m.absmax")).ToArray();
        return [.. Tensor("w.m.codes").ToArray().Select((code, i) => map[code] * absmax[i / BlockSize])];
    }

    private static IEnumerable<byte[]> Blocks(byte[] codes) => codes.Chunk(BlockSize);

    private static float[] Decoded(QuantizedState state)
    {
        float[] values = new float[Length];
        state.Dequantize(values);
        return values;
    }

    /// <summary>No value is farther from what is stored than the widest gap of the codec, halved; the paper's code of
    /// -0.99 is one that means -1 now, 0.7 % away, where its block has a 1.</summary>
    private static void AssertNear(float[] expected, float[] actual, Codec codec, ReadOnlySpan<float> absmax)
    {
        float[] sorted = [.. Codebook.For(codec).Values.ToArray().Order()];
        float halfGap = sorted.Zip(sorted.Skip(1), (low, high) => high - low).Max() / 2;
        const float RoundingTolerance = 1e-6f;
        float most = Math.Max(halfGap, 1 - 0.99296874f) + RoundingTolerance;
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.InRange(actual[i] - expected[i], -most * absmax[i / BlockSize], most * absmax[i / BlockSize]);
        }
    }

    private static ReadOnlySpan<byte> Tensor(string name)
    {
        byte[] bytes = File.ReadAllBytes(AdamFile);
        JsonNode entry = Header(bytes)[name]!;
        int data = sizeof(long) + (int)BitConverter.ToInt64(bytes);
        return bytes.AsSpan(data)[(int)entry["data_offsets"]![0]!..(int)entry["data_offsets"]![1]!];
    }

    private static JsonNode Header(byte[] bytes) =>
        JsonNode.Parse(bytes.AsSpan(sizeof(long), (int)BitConverter.ToInt64(bytes)))!;

    private static JsonNode Manifest(byte[] bytes) =>
        JsonNode.Parse((string)Header(bytes)["__metadata__"]!["requant"]!)!;
}
