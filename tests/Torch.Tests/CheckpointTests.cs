using TorchSharp.Modules;

namespace Requant.Torch.Tests;

public sealed class CheckpointTests
{
    private static readonly HeavyBall Rule = new();

    [Fact]
    public void SaveAndLoad_Stream_ContinuesBitForBit() =>
        AssertContinues((from, to) => to.load_state_dict(new BinaryReader(Saved(from))));

    [Fact]
    public void SaveAndLoad_Dictionary_ContinuesBitForBit() =>
        AssertContinues((from, to) => to.load_state_dict(from.state_dict()));

    [Fact]
    public void SaveAndLoad_File_ContinuesBitForBit()
    {
        string file = Path.GetTempFileName();
        AssertContinues((from, to) =>
        {
            from.save_state_dict(file);
            to.load_state_dict(file);
        });
        File.Delete(file);
    }

    [Fact]
    public void Load_TruncatedStream_ThrowsAndChangesNothing()
    {
        using TorchOptimizer<HeavyBall> source = Make(1);
        Some.Steps(source, 10, 2);
        byte[] saved = Saved(source).ToArray();

        // Cuts within the options, the first parameter's codes, and the last parameter's float32 states.
        foreach (int length in new[] { 20, 3000, saved.Length - 1 })
        {
            AssertRefused(optimizer => optimizer.load_state_dict(new BinaryReader(new MemoryStream(saved, 0, length))));
        }
    }

    [Fact]
    public void Load_DamagedStream_ThrowsAndChangesNothing()
    {
        using TorchOptimizer<HeavyBall> source = Make(1);
        Some.Steps(source, 10, 2);
        byte[] saved = Saved(source).ToArray();
        byte[] absmax = System.Runtime.InteropServices.MemoryMarshal.AsBytes(source.States[0].State.States["m"].Absmax)
            .ToArray();
        int place = saved.AsSpan().IndexOf(absmax);
        BitConverter.TryWriteBytes(saved.AsSpan(place), float.NaN);

        AssertRefused(optimizer => optimizer.load_state_dict(new BinaryReader(new MemoryStream(saved))), "checksum");
    }

    [Fact]
    public void Load_OtherShape_ThrowsAndChangesNothing()
    {
        using var other = new TorchOptimizer<HeavyBall>([Some.Parameter(1, Some.QuantizedLength),
            Some.Parameter(2, 100)], Rule);

        AssertRefused(optimizer => optimizer.load_state_dict(other.state_dict()), "[100]", "[10, 10]");
        AssertRefused(optimizer => optimizer.load_state_dict(new BinaryReader(Saved(other))), "[100]", "[10, 10]");
    }

    [Fact]
    public void Load_OtherBlockSize_ThrowsAndChangesNothing()
    {
        using TorchOptimizer<HeavyBall> other = Make(1, new TorchOptions { BlockSize = 64 });

        AssertRefused(optimizer => optimizer.load_state_dict(other.state_dict()), "blocks of 64", "256");
        AssertRefused(
            optimizer => optimizer.load_state_dict(new BinaryReader(Saved(other))), "blocks of 64", "256",
            "go with LoadCheckpoint");
    }

    [Fact]
    public void Load_OtherQuantization_ThrowsAndChangesNothing()
    {
        using TorchOptimizer<HeavyBall> other = Make(1, new TorchOptions { MinQuantizedLength = 1_000_000 });

        AssertRefused(optimizer => optimizer.load_state_dict(other.state_dict()), "Float32", "Dynamic");
        AssertRefused(optimizer => optimizer.load_state_dict(new BinaryReader(Saved(other))), "Float32", "Dynamic");
    }

    [Fact]
    public void Load_OtherRule_ThrowsAndChangesNothing()
    {
        using var other = new Adam([Some.Parameter(1, Some.QuantizedLength), Some.Parameter(2, 10, 10)]);

        AssertRefused(optimizer => optimizer.load_state_dict(other.state_dict()), "HeavyBall");
        AssertRefused(optimizer => optimizer.load_state_dict(new BinaryReader(Saved(other))), "Adam");
    }

    [Fact]
    public void Load_OtherNumberOfParameters_ThrowsAndChangesNothing()
    {
        using var other = new TorchOptimizer<HeavyBall>([Some.Parameter(1, Some.QuantizedLength)], Rule);

        AssertRefused(optimizer => optimizer.load_state_dict(other.state_dict()), "1 parameters and this optimizer 2");
    }

    [Fact]
    public void Load_AfterFailedAddParamGroup_ContinuesBitForBit() => AssertContinues((from, to) =>
    {
        var group = new RuleParamGroup<HeavyBall>([("w", Some.Parameter(8, 5)), ("w", Some.Parameter(9, 5))]);
        Assert.Throws<ArgumentException>(() => to.add_param_group(group));

        Assert.Equal(2, to.state_dict().State.Count);
        to.load_state_dict(new BinaryReader(Saved(from)));
    });

    [Fact]
    public void Load_StatesOfADisposedOptimizer_ThrowsAndChangesNothing()
    {
        TorchOptimizer<HeavyBall> other = Make(1);
        other.ParamGroups.Single().LearningRate = 0.03;
        var dictionary = other.state_dict();
        dictionary.State[1] = other.States[1];
        other.Dispose();

        AssertRefused(optimizer => optimizer.load_state_dict(dictionary), "are disposed");
    }

    [Fact]
    public void SaveAndLoad_BlockSizeOfTheRule_ContinuesBitForBit()
    {
        using var source = MakeOwnSize(1);
        using var resumed = MakeOwnSize(1);
        Some.Steps(source, 10, 2);
        Some.Steps(resumed, 30, 1);

        resumed.load_state_dict(new BinaryReader(Saved(source)));

        Assert.Equal(512, resumed.States[0].State.BlockSize);
        Assert.Equal(Saved(source).ToArray(), Saved(resumed).ToArray());
    }

    [Fact]
    public void Load_OtherBlockSize_Throws()
    {
        using var source = MakeOwnSize(1, new TorchOptions { BlockSize = 128 });
        using var other = MakeOwnSize(1);

        Exception fromFile = Assert.ThrowsAny<Exception>(() => other.load_state_dict(new BinaryReader(Saved(source))));
        Exception fromDictionary = Assert.ThrowsAny<Exception>(() => other.load_state_dict(source.state_dict()));

        Assert.All(
            [fromFile, fromDictionary],
            exception => Assert.Contains("blocks of 128", exception.Message, StringComparison.Ordinal));
        Assert.Contains("blocks of 512; make", fromDictionary.Message, StringComparison.Ordinal);
    }

    private static TorchOptimizer<OwnSize> MakeOwnSize(int seed, TorchOptions? options = null) =>
        new([Some.Parameter(seed, Some.QuantizedLength)], new OwnSize(), options);

    private static TorchOptimizer<HeavyBall> Make(int seed, TorchOptions? options = null) =>
        new([Some.Parameter(seed, Some.QuantizedLength), Some.Parameter(seed + 1, 10, 10)], Rule, options);

    private static MemoryStream Saved(OptimizerHelper optimizer)
    {
        var stream = new MemoryStream();
        optimizer.save_state_dict(new BinaryWriter(stream));
        stream.Position = 0;
        return stream;
    }

    private static void AssertContinues(Action<OptimizerHelper, OptimizerHelper> transfer)
    {
        using TorchOptimizer<HeavyBall> interrupted = Make(1);
        interrupted.ParamGroups.Single().LearningRate = 0.03;
        Some.Steps(interrupted, 10, 3);
        var resumed = new TorchOptimizer<HeavyBall>(
            interrupted.parameters().Select(parameter => new Parameter(parameter.detach().clone())), Rule);

        transfer(interrupted, resumed);
        Some.Steps(interrupted, 77, 3);
        Some.Steps(resumed, 77, 3);

        Assert.Equal(0.03, resumed.ParamGroups.Single().LearningRate);
        foreach ((TorchParameterState expected, TorchParameterState actual) in interrupted.States.Zip(resumed.States))
        {
            Assert.Equal(Some.Array(expected.Parameter), Some.Array(actual.Parameter));
            Assert.Equal(expected.State.Step, actual.State.Step);
            Assert.All(expected.Tensors.Zip(actual.Tensors),
                pair => Assert.Equal(pair.First.Tensor.bytes.ToArray(), pair.Second.Tensor.bytes.ToArray()));
            Assert.True(expected.ApproximatelyEquals(actual));
        }

        resumed.Dispose();
    }

    private static void AssertRefused(Action<OptimizerHelper> load, params string[] expected)
    {
        using TorchOptimizer<HeavyBall> optimizer = Make(5);
        Some.Steps(optimizer, 20, 1);
        byte[] before = Saved(optimizer).ToArray();

        Exception exception = Assert.ThrowsAny<Exception>(() => load(optimizer));

        Assert.All(expected, text => Assert.Contains(text, exception.Message, StringComparison.Ordinal));
        Assert.Equal(before, Saved(optimizer).ToArray());
    }
}
