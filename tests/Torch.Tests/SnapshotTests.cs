using System.Runtime.CompilerServices;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Requant.Torch.Tests;

/// <summary>A state dictionary is what the optimizer had when it was asked for it.</summary>
public sealed class SnapshotTests
{
    [Fact]
    public void Load_DictionaryOfTheSameOptimizer_GoesBack()
    {
        using TorchOptimizer<HeavyBall> optimizer = Make();
        Some.Steps(optimizer, 1, 3);
        byte[] before = Saved(optimizer);
        optim.Optimizer.StateDictionary dictionary = optimizer.state_dict();

        Some.Steps(optimizer, 50, 2);
        optimizer.ParamGroups.Single().LearningRate = 0.5;
        Assert.NotEqual(before, Saved(optimizer));
        optimizer.load_state_dict(dictionary);
        Assert.Equal(before, Saved(optimizer));

        // It is none the worse for it.
        Some.Steps(optimizer, 90, 2);
        optimizer.load_state_dict(dictionary);
        Assert.Equal(before, Saved(optimizer));
    }

    [Fact]
    public void Load_DictionaryOfADisposedOptimizer_TakesItsStates()
    {
        TorchOptimizer<HeavyBall> source = Make();
        Some.Steps(source, 1, 3);
        byte[] expected = Saved(source);
        optim.Optimizer.StateDictionary dictionary = source.state_dict();
        source.Dispose();
        using TorchOptimizer<HeavyBall> target = Make();

        target.load_state_dict(dictionary);

        Assert.Equal(expected, Saved(target));
    }

    [Fact]
    public void Load_SeedOfADictionary_IsThatOfItsTime()
    {
        using var optimizer = new TorchOptimizer<HeavyBall>(
            [new Parameter(Some.Values(1, 5).to(ScalarType.BFloat16))], new HeavyBall(),
            new TorchOptions { Rounding = ParameterRounding.Stochastic, RoundingSeed = 7 });
        optim.Optimizer.StateDictionary dictionary = optimizer.state_dict();
        optimizer.RoundingSeed = 8;

        optimizer.load_state_dict(dictionary);

        Assert.Equal(7UL, optimizer.RoundingSeed);
    }

    [Fact]
    public void Load_OptionsWithoutAValue_ThrowsAndChangesNothing()
    {
        using TorchOptimizer<HeavyBall> optimizer = Make();
        Some.Steps(optimizer, 1, 1);
        optim.Optimizer.StateDictionary dictionary = optimizer.state_dict();
        ((RuleOptions<HeavyBall>)dictionary.Options[0])["beta"] = null;
        Some.Steps(optimizer, 9, 1);
        byte[] before = Saved(optimizer);

        string message = Assert.Throws<ArgumentException>(() => optimizer.load_state_dict(dictionary)).Message;

        Assert.Contains("no value for beta", message, StringComparison.Ordinal);
        Assert.Equal(before, Saved(optimizer));
    }

    /// <summary>A state that came into use after the snapshot was 0 in it.</summary>
    [Fact]
    public void Load_DictionaryFromBeforeAStateWasInUse_GoesBack()
    {
        Parameter parameter = Some.Parameter(1, Some.QuantizedLength);
        using var optimizer = new Sgd8bit([parameter], 0.1);
        optim.Optimizer.StateDictionary dictionary = optimizer.state_dict();
        Assert.Equal(0, ((TorchParameterState)dictionary.State[0]).State.StateBytes);
        optimizer.Momentum = 0.9;
        Some.Steps(optimizer, 1, 2);

        optimizer.load_state_dict(dictionary);

        Assert.All(optimizer.States[0].State.States["m"].Absmax.ToArray(), scale => Assert.Equal(0, scale));
        Assert.Equal(0, ((optim.IMomentum)optimizer.ParamGroups.Single()).Momentum);
    }

    [Fact]
    public void Stream_LoadedByTorchSharp_ReachesTheLiveStates()
    {
        using TorchOptimizer<HeavyBall> source = Make();
        Some.Steps(source, 1, 3);
        using TorchOptimizer<HeavyBall> target = Make();

        target.load_state_dict(new BinaryReader(new MemoryStream(Saved(source))));

        Assert.All(source.States.Zip(target.States), pair => Assert.True(pair.First.ApproximatelyEquals(pair.Second)));
        Assert.All(target.States, state => Assert.Equal(3, state.State.Step));
    }

    [Fact]
    public void Dictionary_Collected_FreesItsTensors()
    {
        using TorchOptimizer<HeavyBall> optimizer = Make();
        long before = Collected();

        long during = Take(optimizer);

        Assert.Equal(before + optimizer.States.Sum(state => state.Tensors.Count), during);
        Assert.Equal(before, Collected());

        static long Collected()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return Tensor.TotalCount;
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        static long Take(TorchOptimizer<HeavyBall> optimizer)
        {
            optim.Optimizer.StateDictionary dictionary = optimizer.state_dict();
            long count = Collected();
            GC.KeepAlive(dictionary);
            return count;
        }
    }

    private static TorchOptimizer<HeavyBall> Make() =>
        new([("w", Some.Parameter(1, Some.QuantizedLength)), ("b", Some.Parameter(2, 10, 10))], new HeavyBall());

    private static byte[] Saved(OptimizerHelper optimizer)
    {
        using var stream = new MemoryStream();
        optimizer.save_state_dict(new BinaryWriter(stream));
        return stream.ToArray();
    }
}
