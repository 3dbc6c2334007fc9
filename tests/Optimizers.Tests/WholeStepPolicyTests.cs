using System.Runtime.InteropServices;

namespace Requant.Optimizers.Tests;

/// <summary>What is decided from all gradients of a step, before anything is changed.</summary>
public sealed class WholeStepPolicyTests
{
    private static readonly int[] Lengths = [70_001, 1, 4096, 300];

    /// <summary>Where a bad element is put: tensor, element, value.</summary>
    public static TheoryData<int, int, float> BadElements
    {
        get
        {
            var places = new TheoryData<int, int, float>();
            for (int tensor = 0; tensor < Lengths.Length; tensor++)
            {
                foreach (float value in (float[])[float.NaN, float.PositiveInfinity, float.NegativeInfinity])
                {
                    places.Add(tensor, 0, value);
                    places.Add(tensor, Lengths[tensor] - 1, value);
                }
            }

            return places;
        }
    }

    [Theory]
    [MemberData(nameof(BadElements))]
    public void SkipStep_BadElementAnywhere_ChangesNothingAndCounts(int tensor, int element, float value)
    {
        using var model = new Model(new OptimizerOptions { NonFinite = NonFinitePolicy.SkipStep });
        model.Step(seed: 1);
        uint[] before = model.Bits();

        model.Step(seed: 2, gradients => gradients[tensor][element] = value);

        Assert.Equal(before, model.Bits());
        Assert.True(model.Optimizer.LastStepSkipped);
        Assert.Equal(1, model.Optimizer.SkippedSteps);
        Assert.Equal(0, model.Optimizer.SkippedElements);

        model.Step(seed: 3);
        Assert.False(model.Optimizer.LastStepSkipped);
        Assert.Equal(1, model.Optimizer.SkippedSteps);
        Assert.Equal(2, model.Optimizer.Parameters[0].Step);
    }

    [Theory]
    [MemberData(nameof(BadElements))]
    public void Throw_BadElementAnywhere_NamesTheTensorAndChangesNothing(int tensor, int element, float value)
    {
        using var model = new Model(new OptimizerOptions { NonFinite = NonFinitePolicy.Throw });
        model.Step(seed: 1);
        uint[] before = model.Bits();

        var exception = Assert.Throws<NotFiniteNumberException>(
            () => model.Step(seed: 2, gradients => gradients[tensor][element] = value));

        Assert.Contains($"'w{tensor}'", exception.Message, StringComparison.Ordinal);
        Assert.Equal(before, model.Bits());
    }

    [Fact]
    public void Throw_RefusedStep_HasItsNormAndIsNotASkippedOne()
    {
        using var model = new Model(new OptimizerOptions { NonFinite = NonFinitePolicy.Throw });
        using var reference = new Model(new OptimizerOptions { NonFinite = NonFinitePolicy.SkipStep });
        model.Step(seed: 1);
        reference.Step(seed: 2, gradients => gradients[0][5] = float.NaN);

        Assert.Throws<NotFiniteNumberException>(() => model.Step(seed: 2, gradients => gradients[0][5] = float.NaN));

        Assert.Equal(reference.Optimizer.GradientNorm, model.Optimizer.GradientNorm);
        Assert.False(model.Optimizer.LastStepSkipped);
        Assert.Equal(0, model.Optimizer.SkippedSteps);
    }

    [Theory]
    [InlineData(NonFinitePolicy.SkipStep)]
    [InlineData(NonFinitePolicy.Throw)]
    public void Policy_FiniteGradients_IsTheStepWithoutIt(NonFinitePolicy policy)
    {
        using var model = new Model(new OptimizerOptions { NonFinite = policy });
        using var reference = new Model(new OptimizerOptions());
        model.Step(seed: 1);
        reference.Step(seed: 1);
        Assert.Equal(reference.Bits(), model.Bits());
    }

    [Fact]
    public void SkipStep_FiniteGradientThatOverflowsByItsScale_IsSkipped()
    {
        using var model = new Model(new OptimizerOptions { NonFinite = NonFinitePolicy.SkipStep });
        model.Optimizer.GradientScale = 4f;
        model.Step(seed: 1, gradients => gradients[2][17] = 1e38f);
        Assert.True(model.Optimizer.LastStepSkipped);
    }

    [Theory]
    [InlineData(0.5f)]
    [InlineData(1e6f)]
    public void Clipping_Step_IsTheStepWithTheCoefficientAsScale(float maxNorm)
    {
        const float LossScale = 1024f;
        using var clipped = new Model(new OptimizerOptions { MaxGradientNorm = maxNorm });
        using var reference = new Model(new OptimizerOptions());
        clipped.Optimizer.GradientScale = 1f / LossScale;
        double norm = Math.Sqrt(Model.Gradients(1).SelectMany(values => values).Sum(
            value => (double)(value / LossScale) * (value / LossScale)));
        reference.Optimizer.GradientScale = (float)(Math.Min(1, maxNorm / (norm + 1e-6)) / LossScale);

        clipped.Step(seed: 1);
        reference.Step(seed: 1);

        // Orders of addition differ; both sums are in float64.
        Assert.Equal(norm, clipped.Optimizer.GradientNorm!.Value, norm * 1e-12);
        Assert.Equal(reference.Bits(), clipped.Bits());
    }

    [Fact]
    public void Clipping_BadElements_LeavesThemOutOfTheNorm()
    {
        using var clipped = new Model(new OptimizerOptions { MaxGradientNorm = 0.5f });
        using var reference = new Model(new OptimizerOptions { MaxGradientNorm = 0.5f });
        reference.Step(seed: 1, gradients => gradients[0][33] = 0f);
        clipped.Step(seed: 1, gradients => gradients[0][33] = float.NaN);
        Assert.Equal(reference.Optimizer.GradientNorm, clipped.Optimizer.GradientNorm);
        Assert.Equal(1, clipped.Optimizer.LastStepSkippedElements);
    }

    [Fact]
    public void Measure_AnyThreadCount_HasTheSameBits()
    {
        double[] norms = [.. ((int[])[1, 2, 8]).Select(threads =>
        {
            using var model = new Model(new OptimizerOptions { MaxGradientNorm = 1f, MaxThreads = threads });
            model.Step(seed: 1);
            return model.Optimizer.GradientNorm!.Value;
        })];
        Assert.Equal(norms[0], norms[1]);
        Assert.Equal(norms[0], norms[2]);
    }

    [Fact]
    public void Step_WithMeasure_AllocatesNothing()
    {
        using var model = new Model(
            new OptimizerOptions { MaxGradientNorm = 1f, NonFinite = NonFinitePolicy.SkipStep, MaxThreads = 1 });
        model.Step(seed: 1);
        Assert.Equal(0, model.AllocatedByStep());
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void GradientScale_UnusableValue_IsRefused(float scale)
    {
        using var adam = new Optimizer<Adam>(new Adam());
        Assert.Throws<ArgumentOutOfRangeException>(() => adam.GradientScale = scale);
        Assert.Equal(1f, adam.GradientScale);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(0f)]
    [InlineData(-1f)]
    public void MaxGradientNorm_UnusableValue_IsRefused(float norm) => Assert.Throws<ArgumentOutOfRangeException>(
        () => new Optimizer<Adam>(new Adam(), new OptimizerOptions { MaxGradientNorm = norm }));

    /// <summary>A few tensors that one optimizer trains.</summary>
    private sealed class Model : IDisposable
    {
        private readonly float[][] _parameters = Values(0);

        public Model(OptimizerOptions options)
        {
            Optimizer = new Optimizer<Adam>(new Adam(), options);
            foreach ((int tensor, int length) in Lengths.Index())
            {
                Optimizer.Add($"w{tensor}", length);
            }
        }

        public Optimizer<Adam> Optimizer { get; }

        public static float[][] Gradients(int seed) => Values(seed);

        public void Step(int seed, Action<float[][]>? spoil = null)
        {
            float[][] gradients = Gradients(seed);
            spoil?.Invoke(gradients);
            WithPinned(gradients, updates => Optimizer.Step(updates));
        }

        public long AllocatedByStep()
        {
            long allocated = -1;
            WithPinned(Gradients(1), updates =>
            {
                Optimizer.Step(updates);
                long before = GC.GetAllocatedBytesForCurrentThread();
                Optimizer.Step(updates);
                allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            });
            return allocated;
        }

        public uint[] Bits() => [.. Optimizer.Parameters.SelectMany((state, i) => StepBits.Of(state, _parameters[i]))];

        public void Dispose() => Optimizer.Dispose();

        private void WithPinned(float[][] gradients, Action<TensorUpdate[]> use)
        {
            GCHandle[] handles =
                [.. _parameters.Concat(gradients).Select(array => GCHandle.Alloc(array, GCHandleType.Pinned))];
            try
            {
                use([.. Optimizer.Parameters.Select((state, i) => new TensorUpdate(
                    state, handles[i].AddrOfPinnedObject(), handles[Lengths.Length + i].AddrOfPinnedObject()))]);
            }
            finally
            {
                Array.ForEach(handles, handle => handle.Free());
            }
        }

        private static float[][] Values(int seed)
        {
            var random = new Random(seed);
            return [.. Lengths.Select(
                length => Enumerable.Range(0, length).Select(_ => random.NextSingle() - 0.5f).ToArray())];
        }
    }
}
