using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace Requant.Optimizers.Tests.Checkpoints;

/// <summary>States of PyTorch and of bitsandbytes, in files made by hand.</summary>
public sealed partial class LayoutTests : IDisposable
{
    private const int Length = 5000;

    private const int Blocks = 20;

    private static readonly OptimizerOptions InFloat32 = new() { MinQuantizedLength = long.MaxValue };

    private static readonly OptimizerOptions Paper =
        new() { Codecs = StateCodecs.Dynamic, StateRounding = StateRounding.Nearest };

    private static readonly OptimizerOptions Mini = new() { Codecs = StateCodecs.MiniFloat };

    private static readonly LoadOptions Converting = new() { ConvertPrecision = true };

    private static readonly float[] M = Data.Parameters(Length);

    private static readonly float[] V = [.. Data.Gradients(Length, 1).Select(MathF.Abs)];

    private static readonly byte[] Codes = [.. Enumerable.Range(0, Length).Select(i => (byte)(i * 7))];

    private static readonly float[] Absmax = [.. Enumerable.Range(1, Blocks).Select(i => i / 8f)];

    private readonly string _file = Path.GetTempFileName();

    public static TheoryData<string> Owners => ["w", "state.w", "0", "state.0"];

    [Theory, MemberData(nameof(Owners))]
    public void Import_PyTorchAdam_HasItsStates(string owner)
    {
        using Optimizer<Adam> adam = Make(new Adam(), InFloat32);

        Import(adam, AdamFile(owner), StateLayout.PyTorch);

        Assert.Equal(M, adam.Parameters[0].States["m"].Values);
        Assert.Equal(V, adam.Parameters[0].States["v"].Values);
        Assert.Equal(17, adam.Parameters[0].Step);
        Assert.False(adam.Parameters[0].States["vMax"].IsAllocated);
    }

    [Fact]
    public void Import_PyTorchAdamWithAmsgrad_HasTheMaximum()
    {
        using Optimizer<AdamW> adam = Make(new AdamW { Amsgrad = true }, InFloat32);
        AssertRefused(adam, AdamFile("w"), StateLayout.PyTorch, null, "'vMax' of 'w'", "'max_exp_avg_sq' is missing");

        Import(adam, AdamFile("w").Add<float>("w.max_exp_avg_sq", "F32", "50,100", V), StateLayout.PyTorch);

        Assert.Equal(V, adam.Parameters[0].States["vMax"].Values);
    }

    [Fact]
    public void Import_Float32IntoQuantizedStates_OnlyWhenAskedFor()
    {
        using Optimizer<Adam> adam = Make(new Adam(), Paper);
        AssertRefused(
            adam, AdamFile("w"), StateLayout.PyTorch, null, "'m' of 'w'", "F32", "Dynamic", "ConvertPrecision");

        Import(adam, AdamFile("w"), StateLayout.PyTorch, Converting);

        float[] values = new float[Length];
        adam.Parameters[0].States["m"].Dequantize(values);
        Assert.All(values.Zip(M), pair => Assert.Equal(pair.Second, pair.First, 0.05f));
        Assert.Equal(M.Take(256).Max(MathF.Abs), adam.Parameters[0].States["m"].Absmax[0]);
    }

    [Fact]
    public void Import_OtherTypesOfNumbers_AreWidened()
    {
        using Optimizer<NAdam> nadam = Make(new NAdam(), InFloat32);
        BFloat16[] m = [.. M.Select(value => (BFloat16)value)];
        Half[] v = [.. V.Select(value => (Half)value)];

        Import(
            nadam,
            new HandMade().Add<BFloat16>("w.exp_avg", "BF16", "5000", m).Add<Half>("w.exp_avg_sq", "F16", "5000", v)
                .Add("w.step", "I64", "1", 3L).Add("w.mu_product", "F64", "", 0.5), StateLayout.PyTorch);

        Assert.Equal(m.Select(value => (float)value), nadam.Parameters[0].States["m"].Values.ToArray());
        Assert.Equal(v.Select(value => (float)value), nadam.Parameters[0].States["v"].Values.ToArray());
        Assert.Equal((3, 0.5f), (nadam.Parameters[0].Step, nadam.Parameters[0].TensorStates["muProduct"]));
    }

    [Fact]
    public void Import_PyTorchSgd_NeedsAStep()
    {
        using Optimizer<Momentum> sgd = Make(new Momentum(), InFloat32);
        HandMade file = new HandMade().Add<float>("w.momentum_buffer", "F32", "5000", M);
        AssertRefused(sgd, file, StateLayout.PyTorch, null, "step of 'w'");

        Import(sgd, file, StateLayout.PyTorch with { Step = 9 });

        Assert.Equal(M, sgd.Parameters[0].States["m"].Values);
        Assert.Equal(9, sgd.Parameters[0].Step);
    }

    [Fact]
    public void Import_RulesWhoseStatesMeanSomethingElse_AreNotSupported()
    {
        File.WriteAllBytes(_file, AdamFile("w").Bytes());
        using Optimizer<RMSProp> centered = Make(new RMSProp { Centered = true });
        using Optimizer<Adagrad> accumulator = Make(new Adagrad { InitialAccumulator = 0.1f });
        using Optimizer<AdEMAMix> mix = Make(new AdEMAMix());

        Assert.Contains(
            "centered", NotSupported(() => centered.Import(_file, StateLayout.PyTorch)), StringComparison.Ordinal);
        Assert.Contains(
            "centered", NotSupported(() => centered.Export(_file, StateLayout.PyTorch)), StringComparison.Ordinal);
        Assert.Contains(
            "initialAccumulator", NotSupported(() => accumulator.Import(_file, StateLayout.BitsAndBytes)),
            StringComparison.Ordinal);
        Assert.Contains(
            "m1, m2, v", NotSupported(() => mix.Import(_file, StateLayout.PyTorch)), StringComparison.Ordinal);
    }

    [Fact]
    public void Import_NamesOfOnesOwn_AreUsed()
    {
        using Optimizer<Lion> lion = Make(new Lion(), InFloat32);
        StateLayout layout =
            StateLayout.PyTorch with { Names = new Dictionary<string, string> { ["m"] = "ema" }, Step = 1 };

        Import(lion, new HandMade().Add<float>("w.ema", "F32", "5000", M), layout);

        Assert.Equal(M, lion.Parameters[0].States["m"].Values);
    }

    [Theory]
    [InlineData("w."), InlineData("state.0."), InlineData("state.0.__bnb_optimizer_quant_state__.")]
    public void Import_BitsAndBytesAdam_HasItsCodes(string prefix)
    {
        using Optimizer<Adam> adam = Make(new Adam(), Paper);

        Import(adam, BitsFile(prefix), StateLayout.BitsAndBytes);

        ParameterState w = adam.Parameters[0];
        Assert.Equal(Codes, w.States["m"].Codes);
        Assert.Equal(Codes, w.States["v"].Codes);
        Assert.Equal(Absmax, w.States["m"].Absmax);
        Assert.Equal(17, w.Step);
    }

    /// <summary>Their signed map has no -1: a block with its code 0, -0.99296874, is encoded anew, all others keep
    /// their bits.</summary>
    [Fact]
    public void Import_BitsAndBytesOwnSignedMap_IsConverted()
    {
        using Optimizer<Lion> lion = Make(new Lion(), Paper);
        using Optimizer<Lion> exact = Make(new Lion(), InFloat32);
        float[] map = Map(Codec.Dynamic);
        map[0] = -0.99296874f;

        // Without the code of 1: code 0 is the largest magnitude where there is one.
        byte[] codes =
            [.. Enumerable.Range(0, Length)
                .Select(i => (byte)(i < 512 ? 1 + (i % 250) : i < Length - 1 ? i * 3 % 251 : 0))];
        HandMade file = new HandMade().Add<byte>("w.state1", "U8", "5000", codes).Add<float>(
            "w.absmax1", "F32", "20", Absmax)
            .Add<float>("w.qmap1", "F32", "256", map).Add("w.step", "I64", "", 2L);

        Import(lion, file, StateLayout.BitsAndBytes);
        Import(exact, file, StateLayout.BitsAndBytes, Converting);

        QuantizedState m = lion.Parameters[0].States["m"];
        Assert.Equal(codes[..512], m.Codes[..512].ToArray());
        Assert.Equal(Absmax[..2], m.Absmax[..2].ToArray());
        Assert.Equal(
            codes.Select((code, i) => map[code] * Absmax[i / 256]), exact.Parameters[0].States["m"].Values.ToArray());
        Assert.Equal(Absmax[2..].Select(scale => scale * 0.99296874f), m.Absmax[2..].ToArray());
        Assert.Equal(0, m.Codes[codes.AsSpan().IndexOf((byte)0)]);
    }

    [Fact]
    public void Import_BitsAndBytesInFloat32_HasItsValues()
    {
        using Optimizer<Lion> lion = Make(new Lion(), InFloat32);

        Import(
            lion, new HandMade().Add<float>("w.state1", "F32", "5000", M).Add("w.step", "I64", "", 2L),
            StateLayout.BitsAndBytes);

        Assert.Equal(M, lion.Parameters[0].States["m"].Values);
    }

    [Fact]
    public void Import_BitsAndBytesIntoFloat32_DecodesByItsMap()
    {
        using Optimizer<Lion> lion = Make(new Lion(), InFloat32);
        float[] map = [.. Enumerable.Range(0, 256).Select(code => (code - 100) / 155f)];
        HandMade file = new HandMade().Add<byte>("w.state1", "U8", "5000", Codes)
            .Add<float>("w.absmax1", "F32", "20", Absmax)
            .Add<float>("w.qmap1", "F32", "256", map).Add("w.step", "I64", "", 2L);
        AssertRefused(
            lion, file, StateLayout.BitsAndBytes, null, "'m' of 'w'", "none of the codecs'", "ConvertPrecision");

        Import(lion, file, StateLayout.BitsAndBytes, Converting);

        Assert.Equal(
            Codes.Select((code, i) => map[code] * Absmax[i / 256]), lion.Parameters[0].States["m"].Values.ToArray());
        using Optimizer<Lion> quantized = Make(new Lion());
        AssertRefused(quantized, file, StateLayout.BitsAndBytes, Converting, "ConvertCodec");
    }

    [Fact]
    public void Import_BitsAndBytesOfBlocksOf2048_OnlyWhenAskedFor()
    {
        using Optimizer<Lion> lion = Make(new Lion(), Paper);
        HandMade file = new HandMade().Add<byte>("w.state1", "U8", "5000", Codes)
            .Add<float>("w.absmax1", "F32", "3", 1f, 2f, 4f)
            .Add<float>("w.qmap1", "F32", "256", Map(Codec.Dynamic)).Add("w.step", "F32", "", 2f);
        AssertRefused(
            lion, file, StateLayout.BitsAndBytes, null, "Dynamic with blocks of 2048", "256", "ConvertBlockSize");

        Import(lion, file, StateLayout.BitsAndBytes, new LoadOptions { ConvertBlockSize = true });

        // Every block of 256 has the code of 1.
        Assert.Equal(
            [1f, 1f, 1f, 1f, 1f, 1f, 1f, 1f, 2f, 2f, 2f, 2f, 2f, 2f, 2f, 2f, 4f, 4f, 4f, 4f],
            lion.Parameters[0].States["m"].Absmax);
    }

    [Fact]
    public void Export_PyTorch_IsReadBackExactly()
    {
        using Optimizer<NAdam> source = Make(new NAdam());
        source.Step(source.Parameters[0], new float[Length], M);
        source.Export(_file, StateLayout.PyTorch);
        using Optimizer<NAdam> decoded = Make(new NAdam(), InFloat32);

        decoded.Import(_file, StateLayout.PyTorch);

        float[] expected = new float[Length];
        source.Parameters[0].States["v"].Dequantize(expected);
        Assert.Equal(expected, decoded.Parameters[0].States["v"].Values);
        Assert.Equal(source.Parameters[0].TensorStates["muProduct"], decoded.Parameters[0].TensorStates["muProduct"]);
        Assert.Equal(1, decoded.Parameters[0].Step);
    }

    [Theory]
    [InlineData(StateCodecs.Dynamic), InlineData(StateCodecs.MiniFloat)]
    public void Export_BitsAndBytes_IsReadBackWithTheSameBits(StateCodecs codecs)
    {
        var options = new OptimizerOptions { Codecs = codecs };
        using Optimizer<Adam> source = Make(new Adam(), options);
        using Optimizer<Adam> copy = Make(new Adam(), options);
        source.Step(source.Parameters[0], new float[Length], M);
        source.Export(_file, StateLayout.BitsAndBytes);

        copy.Import(_file, StateLayout.BitsAndBytes);

        Assert.Equal(Saved(source), Saved(copy));
        using Optimizer<Adam> blocks = Make(new Adam(), new OptimizerOptions { BlockSize = 128 });
        Assert.Contains(
            "blocks of 128", NotSupported(() => blocks.Export(_file, StateLayout.BitsAndBytes)),
            StringComparison.Ordinal);
    }

    /// <summary>Its kernels search the map that the file has: 256 values in ascending order, from -1 or 0 to 1, whose
    /// codes mean the states' values.</summary>
    [Theory]
    [InlineData(StateCodecs.Dynamic), InlineData(StateCodecs.MiniFloat)]
    public void Export_BitsAndBytes_HasMapsThatItsKernelsCanSearch(StateCodecs codecs)
    {
        using Optimizer<Adam> source = Make(new Adam(), new OptimizerOptions { Codecs = codecs });
        source.Step(source.Parameters[0], new float[Length], M);
        source.Export(_file, StateLayout.BitsAndBytes);
        byte[] bytes = File.ReadAllBytes(_file);

        foreach ((string state, string number, float least) in new[] { ("m", "1", -1f), ("v", "2", 0f) })
        {
            const string Prefix = "w.__bnb_optimizer_quant_state__.";
            float[] map = MemoryMarshal.Cast<byte, float>(Tensor(bytes, $"{Prefix}qmap{number}")).ToArray();
            byte[] codes = Tensor(bytes, $"{Prefix}state{number}").ToArray();
            float[] absmax = MemoryMarshal.Cast<byte, float>(Tensor(bytes, $"{Prefix}absmax{number}")).ToArray();
            Assert.Equal((256, least, 1f), (map.Length, map[0], map[^1]));
            Assert.Equal(map.Order(), map);
            float[] values = new float[Length];
            source.Parameters[0].States[state].Dequantize(values);
            Assert.Equal(values, codes.Select((code, i) => map[code] * absmax[i / 256]));
        }
    }

    [Fact]
    public void Import_BitsAndBytesOfDynamicIntoMiniFloat_OnlyWhenAskedFor()
    {
        using Optimizer<Adam> adam = Make(new Adam(), Mini);
        AssertRefused(adam, BitsFile("w."), StateLayout.BitsAndBytes, null, "Dynamic with blocks of "
            + "256", "MiniFloat", "ConvertCodec");

        Import(adam, BitsFile("w."), StateLayout.BitsAndBytes, new LoadOptions { ConvertCodec = true });

        Assert.Equal(Absmax, adam.Parameters[0].States["m"].Absmax);
        Assert.Equal(17, adam.Parameters[0].Step);
    }

    [Theory]
    [InlineData(true), InlineData(false)]
    public void Load_StateThatTheOtherDoesNotUse_IsTakenOrCleared(bool amsgrad)
    {
        using Optimizer<Adam> source = Make(new Adam { Amsgrad = amsgrad });
        using Optimizer<Adam> optimizer = Make(new Adam { Amsgrad = !amsgrad });
        source.Step(source.Parameters[0], new float[Length], M);
        optimizer.Step(optimizer.Parameters[0], new float[Length], V);
        source.Save(_file);

        optimizer.Load(_file);

        Assert.Equal(amsgrad, optimizer.Rule.Amsgrad);
        float[] expected = new float[Length];
        float[] actual = new float[Length];
        source.Parameters[0].States["vMax"].Dequantize(expected);
        optimizer.Parameters[0].States["vMax"].Dequantize(actual);
        Assert.Equal(expected, actual);
    }

    public void Dispose() => File.Delete(_file);

    private static Optimizer<TRule> Make<TRule>(TRule rule, OptimizerOptions? options = null)
        where TRule : IOptimizerRule<TRule>
    {
        var optimizer = new Optimizer<TRule>(rule, options);
        optimizer.Add("w", Length);
        return optimizer;
    }

    private static HandMade AdamFile(string owner) => new HandMade().Add<float>($"{owner}.exp_avg", "F32", "50,100", M)
        .Add<float>($"{owner}.exp_avg_sq", "F32", "5000", V).Add($"{owner}.step", "F32", "", 17f);

    private static HandMade BitsFile(string prefix) => new HandMade()
        .Add<byte>($"{prefix}state1", "U8", "5000", Codes).Add<float>($"{prefix}absmax1", "F32", "20", Absmax)
        .Add<float>($"{prefix}qmap1", "F32", "256", Map(Codec.Dynamic))
        .Add<byte>($"{prefix}state2", "U8", "5000", Codes).Add<float>($"{prefix}absmax2", "F32", "20", Absmax)
        .Add<float>($"{prefix}qmap2", "F32", "256", Map(Codec.DynamicUnsigned))
        .Add($"{prefix.Replace("__bnb_optimizer_quant_state__.", "", StringComparison.Ordinal)}step", "I64", "", 17L);

    /// <summary>A codec's values; those of the dynamic ones are compared with the maps of
    /// bitsandbytes elsewhere.</summary>
    private static float[] Map(Codec codec) => Codebook.For(codec).Values.ToArray();

    private void Import<TRule>(
        Optimizer<TRule> optimizer, HandMade file, StateLayout layout, LoadOptions? options = null)
        where TRule : IOptimizerRule<TRule>
    {
        File.WriteAllBytes(_file, file.Bytes());
        optimizer.Import(_file, layout, options);
    }

    private void AssertRefused<TRule>(
        Optimizer<TRule> optimizer, HandMade file, StateLayout layout, LoadOptions? options, params string[] says)
        where TRule : IOptimizerRule<TRule>
    {
        byte[] before = Saved(optimizer);

        CheckpointException exception = Assert.Throws<CheckpointException>(
            () => Import(optimizer, file, layout, options));

        Assert.All(says, text => Assert.Contains(text, exception.Message, StringComparison.Ordinal));
        Assert.Equal(before, Saved(optimizer));
    }

    private byte[] Saved<TRule>(Optimizer<TRule> optimizer) where TRule : IOptimizerRule<TRule>
    {
        optimizer.Save(_file);
        return File.ReadAllBytes(_file);
    }

    private static ReadOnlySpan<byte> Tensor(byte[] bytes, string name)
    {
        int header = (int)BitConverter.ToInt64(bytes);
        JsonNode offsets = JsonNode.Parse(bytes.AsSpan(sizeof(long), header))![name]!["data_offsets"]!;
        return bytes.AsSpan(sizeof(long) + header)[(int)offsets[0]!..(int)offsets[1]!];
    }

    private static string NotSupported(Action action) => Assert.Throws<NotSupportedException>(action).Message;
}
