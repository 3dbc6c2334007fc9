using System.Runtime.InteropServices;
using Requant.CompilerServices;

namespace Requant.Optimizers.Tests;

/// <summary>Stochastic rounding of bfloat16 parameters, in steps of optimizers on the processor.</summary>
public sealed class RoundingTests
{
    private const ulong Seed = 77;

    private const int StepCount = 4;

    /// <summary>Standard deviations of the mean that it may be off by; the samples are always the same.</summary>
    private const double MostDeviations = 5;

    /// <summary>Ragged tails, one element, nothing, and enough blocks for several threads.</summary>
    private static readonly int[] Lengths = [70_003, 1, 0, 255, 4097];

    private static readonly OptimizerOptions Stochastic =
        new() { Rounding = ParameterRounding.Stochastic, RoundingSeed = Seed };

    public static TheoryData<SimdWidth, int> Ways =>
        [.. from width in SimdWidths.Supported from threads in (int[])[1, 2, 5] select (width, threads)];

    /// <summary>Rounded here, without a vector: the float32 step from the same parameters, and the key of each
    /// tensor and step.</summary>
    [Theory, MemberData(nameof(Ways))]
    public void Step_AnyWidthAndThreads_IsTheFloat32StepRoundedElementByElement(SimdWidth width, int threads)
    {
        AssertRounded(new Adam { Lr = 0.01f, WeightDecay = 0.1f }, width, threads);
        AssertRounded(new Lamb { Lr = 0.01f }, width, threads);
        AssertRounded(new Lion { Lr = 0.001f }, width, threads);
    }

    private static void AssertRounded<TRule>(TRule rule, SimdWidth width, int threads)
        where TRule : IOptimizerRule<TRule>
    {
        using var optimizer = new Optimizer<TRule>(rule, Stochastic with { SimdWidth = width, MaxThreads = threads });
        using var reference = new Optimizer<TRule>(
            rule, new OptimizerOptions { SimdWidth = SimdWidth.Scalar, MaxThreads = 1, RoundingSeed = Seed });
        BFloat16[][] parameters = [.. Lengths.Select(Parameters)];
        foreach (int tensor in Enumerable.Range(0, Lengths.Length))
        {
            optimizer.Add($"w{tensor}", Lengths[tensor]);
            reference.Add($"w{tensor}", Lengths[tensor]);
        }

        for (int step = 1; step <= StepCount; step++)
        {
            foreach (int tensor in Enumerable.Range(0, Lengths.Length))
            {
                float[] gradients = Gradients(Lengths[tensor], step);
                float[] expected = [.. parameters[tensor].Select(value => (float)value)];
                reference.Step(reference.Parameters[tensor], expected, gradients);
                BFloat16[] old = [.. parameters[tensor]];
                optimizer.Step(optimizer.Parameters[tensor], parameters[tensor].AsSpan(), gradients.AsSpan());

                ulong key = RoundingDefinition.Key(Seed, $"w{tensor}", step);
                for (int i = 0; i < expected.Length; i++)
                {
                    ushort rounded = float.IsFinite(gradients[i])
                        ? (ushort)((BitConverter.SingleToUInt32Bits(expected[i])
                            + RoundingDefinition.Number(i, key)) >> 16)
                        : old[i].ToBits();
                    Assert.True(
                        rounded == parameters[tensor][i].ToBits(), $"Step {step}, tensor {tensor}, element {i}.");
                }
            }
        }
    }

    /// <summary>float32 states depend on no block size, and random bits on none either.</summary>
    [Fact]
    public void Step_AnyBlockSize_HasTheSameRandomBits()
    {
        ushort[] expected = Train(Stochastic with { MinQuantizedLength = long.MaxValue });

        Assert.All((int[])[16, 48, 64, 1008, 4096], size => Assert.Equal(
            expected, Train(Stochastic with { MinQuantizedLength = long.MaxValue, BlockSize = size })));
    }

    [Fact]
    public void Step_AnyOrderOfTensorsAndBatches_HasTheSameRandomBits()
    {
        ushort[] expected = Train(Stochastic);

        Assert.Equal(expected, Train(Stochastic, order: [4, 2, 0, 3, 1]));
        Assert.Equal(expected, Train(Stochastic, inOneBatch: true));
    }

    [Fact]
    public void Step_OtherSeedOrRounding_HasOtherBits()
    {
        ushort[] expected = Train(Stochastic);

        Assert.NotEqual(expected, Train(Stochastic with { RoundingSeed = Seed + 1 }));
        Assert.NotEqual(expected, Train(Stochastic with { Rounding = ParameterRounding.Nearest }));
    }

    [Fact]
    public void Load_StochasticRounding_GoesOnBitForBit()
    {
        string file = Path.GetTempFileName();
        using var uninterrupted = new Training(Stochastic);
        uninterrupted.Take(first: 1, 3);
        uninterrupted.Optimizer.Save(file);
        using var resumed = new Training(Stochastic with { RoundingSeed = 1 }) { Parameters = uninterrupted.Copy() };
        using var other = new Training(Stochastic with { RoundingSeed = 1 }) { Parameters = uninterrupted.Copy() };

        resumed.Optimizer.Load(file);
        other.Optimizer.Load(file);
        other.Optimizer.RoundingSeed = 1;
        uninterrupted.Take(4, 3);
        resumed.Take(4, 3);
        other.Take(4, 3);

        Assert.Equal(uninterrupted.Bits(), resumed.Bits());
        Assert.NotEqual(uninterrupted.Bits(), other.Bits());
        File.Delete(file);
    }

    /// <summary>A skipped step is not counted: the next one has its number and its random bits, of which
    /// nothing was used.</summary>
    [Fact]
    public void Step_AfterASkippedOne_IsTheSameAsWithoutIt()
    {
        using var reference = new Training(Stochastic);
        using var skipping = new Training(Stochastic with { NonFinite = NonFinitePolicy.SkipStep });
        BFloat16[][] before = skipping.Copy();

        foreach (int tensor in Enumerable.Range(0, Lengths.Length).Where(tensor => Lengths[tensor] > 0))
        {
            skipping.Optimizer.Step(skipping.Optimizer.Parameters[tensor], skipping.Parameters[tensor].AsSpan(),
                Enumerable.Repeat(float.NaN, Lengths[tensor]).ToArray().AsSpan());
        }

        Assert.Equal(before, skipping.Parameters);
        reference.TakeFinite(first: 1, 2);
        skipping.TakeFinite(first: 1, 2);
        Assert.Equal(reference.Bits(), skipping.Bits());
    }

    /// <summary>Weights that are updated by a thousandth of themselves: to nearest, every update is lost.</summary>
    [Fact]
    public void Step_SmallUpdates_AreKeptOnAverage()
    {
        const int Length = 1 << 14;
        const int Steps = 100;
        const float Rate = 1e-3f;
        const double Distance = 1.0 / 128;

        Assert.All(Train(ParameterRounding.Nearest), value => Assert.Equal(1.5f, (float)value));
        double mean = Train(ParameterRounding.Stochastic).Average(value => (float)value);
        // No step's rounding has a deviation above half the distance.
        double deviation = Distance / 2 * Math.Sqrt((double)Steps / Length);
        Assert.InRange(mean - (1.5 + (Steps * (double)Rate)), -MostDeviations * deviation, MostDeviations * deviation);

        static BFloat16[] Train(ParameterRounding rounding)
        {
            using var optimizer = new Optimizer<SgdW>(
                new SgdW { Lr = Rate, Momentum = 0f, WeightDecay = 0f }, new OptimizerOptions { Rounding = rounding });
            ParameterState state = optimizer.Add("w", Length);
            BFloat16[] parameters = [.. Enumerable.Repeat((BFloat16)1.5f, Length)];
            float[] gradients = [.. Enumerable.Repeat(-1f, Length)];
            for (int step = 0; step < Steps; step++)
            {
                optimizer.Step(state, parameters.AsSpan(), gradients.AsSpan());
            }

            return parameters;
        }
    }

    [Fact]
    public unsafe void Step_Float16Parameter_ThrowsThatNamesItAndChangesNothing()
    {
        using var optimizer = new Optimizer<Adam>(new Adam(), Stochastic);
        ParameterState first = optimizer.Add("first", 3);
        ParameterState half = optimizer.Add("half", 3);
        BFloat16[] kept = [(BFloat16)1f, (BFloat16)2f, (BFloat16)3f];
        Half[] halves = [(Half)1f, (Half)2f, (Half)3f];
        float[] gradients = [1f, 1f, 1f];

        NotSupportedException single = Assert.Throws<NotSupportedException>(
            () => optimizer.Step(half, halves.AsSpan(), gradients.AsSpan()));
        fixed (void* firstPointer = kept, halfPointer = halves, gradientPointer = gradients)
        {
            TensorUpdate[] batch =
            [
                new(first, (nint)firstPointer, (nint)gradientPointer, ElementType.BFloat16),
                new(half, (nint)halfPointer, (nint)gradientPointer, ElementType.Float16),
            ];
            Assert.Equal(single.Message, Assert.Throws<NotSupportedException>(() => optimizer.Step(batch)).Message);
        }

        Assert.Contains("'half' is float16", single.Message, StringComparison.Ordinal);
        Assert.Contains("Nearest", single.Message, StringComparison.Ordinal);
        Assert.Equal([1f, 2f, 3f], kept.Select(value => (float)value));
        Assert.Equal([(Half)1f, (Half)2f, (Half)3f], halves);
        Assert.Equal((0, 0), (first.Step, half.Step));
    }

    [Fact]
    public void Step_Float32Parameter_IsNotRounded()
    {
        float[] nearest = Train(new OptimizerOptions());

        Assert.Equal(nearest, Train(Stochastic));

        static float[] Train(OptimizerOptions options)
        {
            using var optimizer = new Optimizer<Adam>(new Adam(), options);
            float[] parameters = Data.Parameters(5003);
            optimizer.Step(optimizer.Add("w", 5003), parameters, Data.Gradients(5003, 1));
            return parameters;
        }
    }

    [Fact]
    public void New_RoundingThatThereIsNot_Throws() => Assert.Throws<ArgumentOutOfRangeException>(
        () => new Optimizer<Adam>(new Adam(), new OptimizerOptions { Rounding = (ParameterRounding)2 }));

    private static ushort[] Train(OptimizerOptions options, int[]? order = null, bool inOneBatch = false)
    {
        using var training = new Training(options, order, inOneBatch);
        training.Take(first: 1, StepCount);
        return training.Bits();
    }

    private static BFloat16[] Parameters(int length) => [.. Data.Parameters(length).Select(value => (BFloat16)value)];

    /// <summary>Some not finite, so that blocks are rounded in which elements are skipped.</summary>
    private static float[] Gradients(int length, int step)
    {
        float[] gradients = Data.Gradients(length, step);
        for (int i = step; i < length; i += 997)
        {
            gradients[i] = float.NaN;
        }

        return gradients;
    }

    private sealed class Training : IDisposable
    {
        private readonly int[] _order;
        private readonly bool _inOneBatch;

        public Training(OptimizerOptions options, int[]? order = null, bool inOneBatch = false)
        {
            _order = order ?? [.. Enumerable.Range(0, Lengths.Length)];
            _inOneBatch = inOneBatch;
            Optimizer = new Optimizer<Adam>(new Adam { Lr = 0.01f }, options);
            Parameters = [.. Lengths.Select(RoundingTests.Parameters)];
            Array.ForEach(_order, tensor => Optimizer.Add($"w{tensor}", Lengths[tensor]));
        }

        public Optimizer<Adam> Optimizer { get; }

        public BFloat16[][] Parameters { get; init; }

        public void Take(int first, int count) => Take(first, count, Gradients);

        public void TakeFinite(int first, int count) => Take(first, count, Data.Gradients);

        public BFloat16[][] Copy() => [.. Parameters.Select(values => (BFloat16[])values.Clone())];

        public ushort[] Bits() => [.. Parameters.SelectMany(values => values).Select(value => value.ToBits())];

        public void Dispose() => Optimizer.Dispose();

        private void Take(int first, int count, Func<int, int, float[]> gradients)
        {
            for (int step = first; step < first + count; step++)
            {
                if (_inOneBatch)
                {
                    StepAll([.. Lengths.Select(length => gradients(length, step))]);
                    continue;
                }

                foreach ((int place, int tensor) in _order.Index())
                {
                    Optimizer.Step(
                        Optimizer.Parameters[place], Parameters[tensor].AsSpan(),
                        gradients(Lengths[tensor], step).AsSpan());
                }
            }
        }

        private void StepAll(float[][] gradients)
        {
            List<GCHandle> pins = [];
            nint Pin(Array array)
            {
                pins.Add(GCHandle.Alloc(array, GCHandleType.Pinned));
                return array.Length == 0 ? 1 : Marshal.UnsafeAddrOfPinnedArrayElement(array, 0);
            }

            Optimizer.Step([.. _order.Select((tensor, place) => new TensorUpdate(
                Optimizer.Parameters[place], Pin(Parameters[tensor]), Pin(gradients[tensor]), ElementType.BFloat16))]);
            pins.ForEach(pin => pin.Free());
        }
    }
}
