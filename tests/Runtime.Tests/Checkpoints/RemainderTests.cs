using System.Runtime.InteropServices;
using Requant.Runtime.Tests.Support;

namespace Requant.Runtime.Tests.Checkpoints;

/// <summary>Remainders of bfloat16 parameters in checkpoints, and what options refuse.</summary>
public sealed class RemainderTests
{
    private const int Length = 300;

    private static readonly OptimizerOptions Whole =
        new() { MasterWeights = MasterWeights.Remainder16, MinQuantizedLength = 0 };

    private static readonly OptimizerOptions Rounded = new() { MinQuantizedLength = 0 };

    [Fact]
    public void Load_IntoAFreshOptimizer_GoesOnBitForBit()
    {
        BFloat16[] weights = Weights();
        using Optimizer<Adam> source = Make(Whole);
        Steps(source, weights, 3);
        using Optimizer<Adam> resumed = Make(Whole);

        Saved.Load(resumed, Saved.Bytes(source));

        Assert.True(resumed.Parameters[0].HasRemainder);
        BFloat16[] other = [.. weights];
        Steps(source, weights, 3);
        Steps(resumed, other, 3);
        Assert.Equal(weights, other);
        Assert.Equal(
            source.Parameters[0].GetRemainders(0, Length).ToArray(),
            resumed.Parameters[0].GetRemainders(0, Length).ToArray());
        Assert.True(source.Parameters[0].GetRemainders(0, Length).ContainsAnyExcept((short)0));
    }

    [Fact]
    public void Load_WithOtherMasterWeights_IsRefusedUnlessAllowed()
    {
        using Optimizer<Adam> whole = Make(Whole);
        using Optimizer<Adam> rounded = Make(Rounded);
        Steps(whole, Weights(), 2);
        Steps(rounded, Weights(), 2);

        AssertRefusedUnlessAllowed(whole, rounded, "make the optimizer with MasterWeights = Remainder16, or");
        Assert.False(rounded.Parameters[0].HasRemainder);
        Steps(whole, Weights(), 1);
        AssertRefusedUnlessAllowed(rounded, whole, "make the optimizer with MasterWeights = None, or");
        Assert.False(whole.Parameters[0].GetRemainders(0, Length).ContainsAnyExcept((short)0));
    }

    [Fact]
    public void Save_OfFloat32Parameters_HasNoRemainders()
    {
        using Optimizer<Adam> optimizer = Make(Whole);
        optimizer.Step(optimizer.Parameters[0], new float[Length], new float[Length]);

        Assert.False(optimizer.Parameters[0].HasRemainder);
        Assert.DoesNotContain("remainder", Saved.Header(Saved.Bytes(optimizer)), StringComparison.Ordinal);
    }

    [Fact]
    public void State_OfAParameterWithRemainders_IsTwoBytesMore()
    {
        using Optimizer<Adam> whole = Make(Whole);
        long before = whole.Parameters[0].StateBytes;
        Assert.Throws<InvalidOperationException>(() => whole.Parameters[0].GetRemainders(0, 1).Length);

        whole.Parameters[0].AllocateRemainder();

        Assert.Equal(before + (Length * sizeof(short)), whole.Parameters[0].StateBytes);
        Assert.Throws<ArgumentOutOfRangeException>(() => whole.Parameters[0].GetRemainders(1, Length).Length);
    }

    [Fact]
    public void Reset_AfterSteps_IsAsBeforeTheFirst()
    {
        BFloat16[] weights = Weights();
        using Optimizer<Adam> optimizer = Make(Whole);
        Steps(optimizer, weights, 2);

        optimizer.Parameters[0].Reset();

        BFloat16[] again = Weights();
        Steps(optimizer, again, 2);
        Assert.Equal(weights, again);
    }

    [Fact]
    public void Options_ThatExcludeEachOther_AreRefused()
    {
        ArgumentException both = Assert.Throws<ArgumentException>(
            () => Make(Whole with { Rounding = ParameterRounding.Stochastic }));
        Assert.Contains("leave one of them out", both.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => Make(Whole with { MasterWeights = (MasterWeights)2 }));
    }

    [Fact]
    public void Step_OfFloat16_ThrowsThatNamesIt()
    {
        using Optimizer<Adam> optimizer = Make(Whole);

        NotSupportedException exception = Assert.Throws<NotSupportedException>(
            () => optimizer.Step<Half, float>(optimizer.Parameters[0], new Half[Length], new float[Length]));

        Assert.Contains("'w' is float16", exception.Message, StringComparison.Ordinal);
        Assert.Equal(0, optimizer.Parameters[0].Step);
    }

    private static void AssertRefusedUnlessAllowed(Optimizer<Adam> from, Optimizer<Adam> to, string cure)
    {
        byte[] before = Saved.Bytes(to);
        CheckpointException exception = Assert.Throws<CheckpointException>(
            () => Saved.Load(to, Saved.Bytes(from)));
        Assert.Contains(cure, exception.Message, StringComparison.Ordinal);
        Assert.Equal(before, Saved.Bytes(to));

        Saved.Load(to, Saved.Bytes(from), new LoadOptions { AcceptOtherRounding = true });
    }

    private static Optimizer<Adam> Make(OptimizerOptions options)
    {
        var optimizer = new Optimizer<Adam>(new Adam { Lr = 0.01f }, options);
        optimizer.Add("w", Length);
        return optimizer;
    }

    private static BFloat16[] Weights()
    {
        var random = new Random(4);
        return [.. Enumerable.Range(0, Length).Select(_ => BFloat16.FromSingle(random.NextSingle() - 0.5f))];
    }

    private static void Steps(Optimizer<Adam> optimizer, BFloat16[] weights, int count)
    {
        var random = new Random(5);
        for (int step = 0; step < count; step++)
        {
            float[] gradient = [.. Enumerable.Range(0, Length).Select(_ => random.NextSingle() - 0.5f)];
            optimizer.Step<BFloat16, float>(optimizer.Parameters[0], weights, gradient);
        }
    }
}
