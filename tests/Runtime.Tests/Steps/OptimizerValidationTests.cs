using Requant.Runtime.Tests.Support;

namespace Requant.Runtime.Tests.Steps;

public sealed class OptimizerValidationTests : IDisposable
{
    private readonly Optimizer<Adam> _adam = new(new Adam());
    private readonly ParameterState _state;
    private readonly float[] _weights = [1f, 2f, 3f];
    private readonly float[] _gradients = [1f, 1f, 1f];

    public OptimizerValidationTests() => _state = _adam.Add("w", 3);

    public static TheoryData<int> BadBlockSizes => [-16, 0, 8, 15, 24, 4112];

    public void Dispose() => _adam.Dispose();

    [Fact]
    public void Constructor_NullRule_Throws() =>
        Assert.Throws<ArgumentNullException>(() => new Optimizer<Adam>(null!));

    [Fact]
    public void Rule_SetToNull_ThrowsAndKeepsTheOld()
    {
        Assert.Throws<ArgumentNullException>(() => _adam.Rule = null!);
        Assert.NotNull(_adam.Rule);
    }

    [Theory]
    [MemberData(nameof(BadBlockSizes))]
    public void Constructor_BadBlockSize_NamesItsValue(int blockSize) => Assert.Contains(
        $"{blockSize}", AssertRejected<ArgumentOutOfRangeException>(new OptimizerOptions { BlockSize = blockSize }),
        StringComparison.Ordinal);

    [Fact]
    public void Constructor_BadOptions_Throws()
    {
        AssertRejected<ArgumentOutOfRangeException>(new OptimizerOptions { MinQuantizedLength = -1 });
        AssertRejected<ArgumentOutOfRangeException>(new OptimizerOptions { MaxThreads = 0 });
        AssertRejected<ArgumentOutOfRangeException>(new OptimizerOptions { NonFinite = (NonFinitePolicy)99 });
        AssertRejected<ArgumentNullException>(new OptimizerOptions { KeepFloat32 = null! });
        AssertRejected<ArgumentException>(new OptimizerOptions { KeepFloat32 = ["w", null!] });
        AssertRejected<ArgumentNullException>(new OptimizerOptions { Device = null! });
        AssertRejected<PlatformNotSupportedException>(new OptimizerOptions { SimdWidth = (SimdWidth)3 });
    }

    [Fact]
    public void Add_BadInput_ThrowsAndAddsNothing()
    {
        Assert.Throws<ArgumentNullException>(() => _adam.Add(null!, 1));
        Assert.Contains("'w'", Assert.Throws<ArgumentException>(() => _adam.Add("w", 1)).Message,
            StringComparison.Ordinal);
        Assert.Contains("-1", Assert.Throws<ArgumentOutOfRangeException>(() => _adam.Add("b", -1)).Message,
            StringComparison.Ordinal);
        Assert.Single(_adam.Parameters);
    }

    [Fact]
    public void StepSpans_WrongLength_NamesBothLengths()
    {
        string parameter =
            Assert.Throws<ArgumentException>("parameter", () => _adam.Step(_state, new float[4], _gradients)).Message;
        string gradient =
            Assert.Throws<ArgumentException>("gradient", () => _adam.Step(_state, _weights, new float[2])).Message;

        Assert.Contains("4", parameter, StringComparison.Ordinal);
        Assert.Contains("3", parameter, StringComparison.Ordinal);
        Assert.Contains("2", gradient, StringComparison.Ordinal);
        AssertUntouched();
    }

    [Fact]
    public void Step_NullOrForeignState_Throws()
    {
        using var other = new Optimizer<Adam>(new Adam());
        ParameterState foreign = other.Add("foreign", 3);

        Assert.Throws<ArgumentNullException>(() => _adam.Step(null!, _weights, _gradients));
        Assert.Throws<ArgumentException>(() => _adam.Step(foreign, _weights, _gradients));
        AssertBatchRejected<ArgumentNullException>((p, g) => new TensorUpdate(null!, p, g));
        Assert.Contains("'foreign'", AssertBatchRejected<ArgumentException>((p, g) => new TensorUpdate(foreign, p, g)),
            StringComparison.Ordinal);
    }

    [Fact]
    public void StepBatch_BadAddress_Throws()
    {
        ParameterState second = _adam.Add("second", 3);

        AssertBatchRejected<ArgumentException>((_, g) => new TensorUpdate(second, 0, g));
        Assert.Contains("'second'", AssertBatchRejected<ArgumentException>((p, _) => new TensorUpdate(second, p, 0)),
            StringComparison.Ordinal);
    }

    [Fact]
    public void StepSpans_OtherElementType_NamesItAndTheFix()
    {
        string parameter = Assert.Throws<ArgumentException>(
            "parameter", () => _adam.Step(_state, new double[3], _gradients)).Message;
        string gradient = Assert.Throws<ArgumentException>(
            "gradient", () => _adam.Step(_state, new Half[3], new ushort[3])).Message;

        Assert.Contains("System.Double; pass float, Half or Requant.BFloat16", parameter, StringComparison.Ordinal);
        Assert.Contains("System.UInt16; pass float, Half or Requant.BFloat16", gradient, StringComparison.Ordinal);
        Assert.Equal(0, _state.Step);
    }

    [Fact]
    public void StepSpans_SixteenBitsAndWrongLength_NamesBothLengths()
    {
        string parameter = Assert.Throws<ArgumentException>(
            "parameter", () => _adam.Step(_state, new Half[4], new Half[3])).Message;
        string gradient = Assert.Throws<ArgumentException>(
            "gradient", () => _adam.Step(_state, new BFloat16[3], new Half[2])).Message;

        Assert.Contains("4 elements and state 'w' 3", parameter, StringComparison.Ordinal);
        Assert.Contains("2 elements and state 'w' 3", gradient, StringComparison.Ordinal);
        Assert.Equal(0, _state.Step);
    }

    [Fact]
    public void StepBatch_BadElementType_Throws()
    {
        ParameterState second = _adam.Add("second", 3);
        const ElementType Undefined = (ElementType)3;

        Assert.Contains("ParameterType of 'second' is no element type; use Float32, Float16 or BFloat16",
            AssertBatchRejected<ArgumentOutOfRangeException>((p, g) => new TensorUpdate(second, p, g, Undefined)),
            StringComparison.Ordinal);
        Assert.Contains("GradientType of 'second'",
            AssertBatchRejected<ArgumentOutOfRangeException>(
                (p, g) => new TensorUpdate(second, p, g, GradientType: Undefined)),
            StringComparison.Ordinal);
        Assert.Contains("3 contiguous bfloat16 elements",
            AssertBatchRejected<ArgumentException>(
                (p, _) => new TensorUpdate(second, p, 0, GradientType: ElementType.BFloat16)),
            StringComparison.Ordinal);
    }

    [Fact]
    public void StepBatch_StateTwice_Throws() => Assert.Contains(
        "twice", AssertBatchRejected<ArgumentException>((p, g) => new TensorUpdate(_state, p, g)),
        StringComparison.Ordinal);

    [Fact]
    public void StepBatch_EmptyBatchOrTensor_IsFine()
    {
        _adam.Step(ReadOnlySpan<TensorUpdate>.Empty);
        ParameterState empty = _adam.Add("empty", 0);
        _adam.Step(empty, [], []);
        _adam.Step(new TensorUpdate(empty, 0, 0));

        Assert.Equal(2, empty.Step);
        AssertUntouched();
    }

    [Fact]
    public void AnyCall_DisposedOptimizer_Throws()
    {
        _adam.Dispose();
        _adam.Dispose();

        Assert.Throws<ObjectDisposedException>(() => _adam.Step(_state, _weights, _gradients));
        Assert.Throws<ObjectDisposedException>(() => _adam.Step(ReadOnlySpan<TensorUpdate>.Empty));
        Assert.Throws<ObjectDisposedException>(() => _adam.Add("late", 1));
        AssertUntouched();
    }

    private static string AssertRejected<TException>(OptimizerOptions options)
        where TException : Exception =>
        Assert.Throws<TException>(() => new Optimizer<Adam>(new Adam(), options)).Message;

    /// <summary>A batch of a good update and a bad one, which must leave the good one's tensor as it was.</summary>
    private unsafe string AssertBatchRejected<TException>(Func<nint, nint, TensorUpdate> bad)
        where TException : Exception
    {
        fixed (float* weights = _weights)
        fixed (float* gradients = _gradients)
        {
            TensorUpdate[] updates =
            [
                new TensorUpdate(_state, (nint)weights, (nint)gradients), bad((nint)weights, (nint)gradients),
            ];
            string message = Assert.Throws<TException>(() => _adam.Step(updates)).Message;
            AssertUntouched();
            return message;
        }
    }

    private void AssertUntouched()
    {
        Assert.Equal([1f, 2f, 3f], _weights);
        Assert.Equal(0, _state.Step);
    }
}
