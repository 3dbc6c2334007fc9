using TorchSharp.Modules;

namespace Requant.Torch.Tests;

/// <summary>Streams of save_state_dict and checkpoints that a version before format 2 wrote: three steps of Adam8bit,
/// and of Lion8bit with bfloat16 parameters that are rounded stochastically.</summary>
public sealed class FirstFormatTests
{
    private const int Length = 1000;

    private const ulong Seed = 0xfedc_ba98_7654_3210;

    private static readonly TorchOptions Paper = new TorchOptions
    {
        MinQuantizedLength = 0, Codecs = StateCodecs.Dynamic, StateRounding = StateRounding.Nearest,
    }.KeepFloat32("b");

    /// <summary>Checkpoints of format 1 are compared with the values that they had in Optimizers.Tests; the stream is
    /// of the same states.</summary>
    [Fact]
    public void Load_Stream_HasTheStatesOfTheCheckpoint()
    {
        using Adam8bit fromStream = MakeAdam(Paper);
        using Adam8bit fromCheckpoint = MakeAdam(Paper);

        fromStream.load_state_dict(FileOf("adam-format1.statedict"));
        fromCheckpoint.LoadCheckpoint(FileOf("adam-format1.safetensors"));

        Assert.Equal(Bits(fromCheckpoint), Bits(fromStream));
        Assert.Equal((3, 0.01), (fromStream.States[0].State.Step, fromStream.ParamGroups.Single().LearningRate));

        // Of the first block the largest magnitude is a code 0, whose value is less than the block's absmax was.
        const float SavedAbsmax = 0.26923218f;
        const float PaperValue = 0.99296874f;
        Assert.Equal(SavedAbsmax * PaperValue, fromStream.States[0].State.States["m"].Absmax[0]);
    }

    [Fact]
    public void Load_StreamIntoOtherCodecs_SaysWhatToDo()
    {
        using Adam8bit adam = MakeAdam(Paper with { Codecs = StateCodecs.MiniFloat });

        Exception exception = Assert.ThrowsAny<Exception>(() => adam.load_state_dict(FileOf("adam-format1.statedict")));

        Assert.Contains("m: Dynamic, v: DynamicUnsigned", exception.Message, StringComparison.Ordinal);
        Assert.Contains("m: MiniFloat, v: MiniFloatUnsigned", exception.Message, StringComparison.Ordinal);
        Assert.Contains("LoadCheckpoint with LoadOptions", exception.Message, StringComparison.Ordinal);
        Assert.Equal(0, adam.States[0].State.Step);
    }

    [Fact]
    public void Load_StreamWithASeed_TakesIt()
    {
        using Lion8bit lion = MakeLion(ParameterRounding.Stochastic);
        using Lion8bit nearest = MakeLion(ParameterRounding.Nearest);

        lion.load_state_dict(FileOf("lion-format1.statedict"));

        Assert.Equal((Seed, 3), (lion.RoundingSeed, lion.States[0].State.Step));
        Exception exception =
            Assert.ThrowsAny<Exception>(() => nearest.load_state_dict(FileOf("lion-format1.statedict")));
        Assert.Contains("Rounding = Stochastic", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1.0), InlineData(0.5), InlineData(4294967296.0), InlineData(double.NaN)]
    public void Load_StreamWithADamagedSeed_IsRefused(double half)
    {
        using Lion8bit lion = MakeLion(ParameterRounding.Stochastic);
        byte[] bytes = File.ReadAllBytes(FileOf("lion-format1.statedict"));
        int place = bytes.AsSpan().IndexOf(BitConverter.GetBytes((double)(Seed & uint.MaxValue)));
        BitConverter.TryWriteBytes(bytes.AsSpan(place), half);

        InvalidDataException exception =
            Assert.Throws<InvalidDataException>(() => lion.load_state_dict(new BinaryReader(new MemoryStream(bytes))));

        Assert.Contains("rounding seed", exception.Message, StringComparison.Ordinal);
        Assert.Equal(0, lion.States[0].State.Step);
    }

    /// <summary>A newer stream is refused as such, not as one of another rule.</summary>
    [Fact]
    public void Load_StreamOfANewerFormat_IsRefused()
    {
        using Adam8bit adam = MakeAdam(Paper);
        var stream = new MemoryStream();
        adam.save_state_dict(new BinaryWriter(stream));
        byte[] bytes = stream.ToArray();
        int place = bytes.AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes("2:" + HashOf<Optimizers.Adam>()));
        bytes[place] = (byte)'3';

        InvalidDataException exception =
            Assert.Throws<InvalidDataException>(() => adam.load_state_dict(new BinaryReader(new MemoryStream(bytes))));

        Assert.Contains("format 3", exception.Message, StringComparison.Ordinal);
    }

    private static string HashOf<TRule>() where TRule : IOptimizerRule<TRule> => TRule.Info.Hash;

    private static string FileOf(string name) => Path.Combine(AppContext.BaseDirectory, "Data", "format1", name);

    private static Adam8bit MakeAdam(TorchOptions options) =>
        new([("w", Some.Parameter(1, Length)), ("b", Some.Parameter(2, 7))], options: options);

    private static Lion8bit MakeLion(ParameterRounding rounding) => new(
        [("w", Short(1, Length)), ("b", Short(2, 7))], options: Paper with { Rounding = rounding, RoundingSeed = 1 });

    private static Parameter Short(int seed, long length) =>
        new(Some.Values(seed, length).to(TorchSharp.torch.ScalarType.BFloat16));

    private static byte[] Bits(Adam8bit optimizer) =>
        [.. optimizer.States.SelectMany(state => state.Tensors).SelectMany(tensor => tensor.Tensor.bytes.ToArray())];
}
