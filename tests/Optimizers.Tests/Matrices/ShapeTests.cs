using System.Runtime.InteropServices;
using Requant.Optimizers.Tests.Language;

namespace Requant.Optimizers.Tests.Matrices;

/// <summary>Shapes that a parameter cannot have, those that have no elements, and the memory that states of a
/// shape take.</summary>
public class ShapeTests
{
    public static TheoryData<string> Rules => [.. MatrixTable.Names];

    [Theory]
    [InlineData(-1L, 4L)]
    [InlineData(4L, -1L)]
    [InlineData(0L, -1L)]
    [InlineData(-2L, -2L)]
    [InlineData(long.MinValue, 0L)]
    public void Add_NegativeDimension_IsRefused(long first, long second) => AssertRefused("shape", first, second);

    [Theory]
    [InlineData(1L << 32, 1L << 31)]
    [InlineData(long.MaxValue, 2L)]
    [InlineData(3L, 1L << 40, 1L << 40)]
    public void Add_TooManyElements_IsRefused(params long[] shape) => AssertRefused("'w'", shape);

    /// <summary>There are no elements, but the columns of a row could not be counted.</summary>
    [Fact]
    public void Add_RowsOfTooManyElements_IsRefused() => AssertRefused("'w'", 0L, 1L << 40, 1L << 40);

    /// <summary>Rules count rows and columns in 32 bits.</summary>
    [Theory]
    [InlineData(1L << 31, 2L)]
    [InlineData(2L, 1L << 31)]
    [InlineData(1L << 31)]
    public void Add_SideThatIsNoInt_IsRefusedBeforeMemoryIsTaken(params long[] shape) =>
        AssertRefused(int.MaxValue.ToString(System.Globalization.CultureInfo.InvariantCulture), shape);

    [Fact]
    public void Step_AddedWithLengthAlone_NamesParameterAndFixAndChangesNothing()
    {
        using var optimizer = new Optimizer<Adafactor>(new Adafactor());
        ParameterState[] states = [optimizer.Add("shaped", [4, 5]), optimizer.Add("flat", 20)];
        float[][] parameters = [Data.Parameters(20), Data.Parameters(20)];
        uint[] before = StepBits.Of(states[0], parameters[0]);

        var exception = Assert.Throws<ArgumentException>(
            () => ShapedModel.Step(optimizer, parameters, [Data.Parameters(20), Data.Parameters(20)]));

        Assert.Contains("'flat'", exception.Message, StringComparison.Ordinal);
        Assert.Contains("Add(\"flat\", [rows, columns])", exception.Message, StringComparison.Ordinal);
        Assert.Contains("Add(\"flat\", [20])", exception.Message, StringComparison.Ordinal);
        Assert.Equal(before, StepBits.Of(states[0], parameters[0]));
        Assert.Equal(Data.Parameters(20), parameters[1]);
        Assert.Equal(0, states[1].Step);
    }

    [Fact]
    public void Step_RuleThatSeesNoShape_TakesLengthAlone()
    {
        using var optimizer = new Optimizer<Adam>(new Adam());
        optimizer.Step(optimizer.Add("w", 3), new float[3], new float[3]);
        Assert.Null(optimizer.Parameters[0].Shape);
    }

    [Theory]
    [InlineData(20, 19)]
    [InlineData(21, 20)]
    [InlineData(20, 4)]
    public void Step_GradientOfAnotherLength_IsRefusedAndChangesNothing(int parameters, int gradients)
    {
        using var optimizer = new Optimizer<Muon>(new Muon());
        ParameterState state = optimizer.Add("w", [4, 5]);
        float[] values = Data.Parameters(parameters);

        var exception = Assert.Throws<ArgumentException>(
            () => optimizer.Step(state, values, Data.Parameters(gradients)));

        Assert.Contains("'w'", exception.Message, StringComparison.Ordinal);
        Assert.Equal(Data.Parameters(parameters), values);
        Assert.Equal(0, state.Step);
    }

    [Fact]
    public void CopyFrom_TransposedShape_IsRefused()
    {
        using var optimizer = new Optimizer<Adafactor>(new Adafactor());
        ParameterState tall = optimizer.Add("tall", [6, 4]);
        ParameterState wide = optimizer.Add("wide", [4, 6]);

        var exception = Assert.Throws<ArgumentException>(() => tall.CopyFrom(wide));

        Assert.Contains("4 x 6", exception.Message, StringComparison.Ordinal);
        Assert.Contains("6 x 4", exception.Message, StringComparison.Ordinal);
    }

    /// <summary>Tensors of no elements beside one that leaves values in all scratch memory: nothing is read from there,
    /// and nothing written outside of what was allocated.</summary>
    [Theory]
    [MemberData(nameof(Rules))]
    public void Step_WithoutElements_WritesNothing(string rule) => MatrixTable.Run(rule, [1], new Empty());

    [Fact]
    public void Reductions_WithoutElements_AreZero()
    {
        using var guards = new GuardedAllocator();
        using var optimizer = new Optimizer<OfElements>(new OfElements());
        StepWithEmptyShapes(optimizer, guards);

        Assert.All(
            optimizer.Parameters.Skip(1).SelectMany(state => state.States).SelectMany(ReferenceChecks.Dequantize),
            value => Assert.Equal(0f, value));
        Assert.Equal(5, optimizer.Parameters[1].States["columnSum"].Length);
        Assert.Equal(5, optimizer.Parameters[2].States["rowSum"].Length);
    }

    /// <summary>A state for each row and each column is all that Adafactor has for a matrix; a vector has its
    /// own.</summary>
    [Fact]
    public void StateBytes_OfAdafactor_AreRowsAndColumns()
    {
        using var optimizer = new Optimizer<Adafactor>(new Adafactor());
        using var withMomentum = new Optimizer<Adafactor>(new Adafactor { Beta1 = 0.9f });

        Assert.Equal((64 + 128) * sizeof(float), optimizer.Add("matrix", [64, 128]).StateBytes);
        Assert.Equal((64 + 128) * sizeof(float), optimizer.Add("kernels", [64, 32, 2, 2]).StateBytes);
        Assert.Equal(Quantized(8192), optimizer.Add("vector", [8192]).StateBytes);
        Assert.Equal(Quantized(8192), optimizer.Add("row", [1, 8192]).StateBytes);
        Assert.Equal(
            ((64 + 128) * sizeof(float)) + Quantized(8192), withMomentum.Add("matrix", [64, 128]).StateBytes);
    }

    [Fact]
    public void StateBytes_OfMuon_AreTheMomentum()
    {
        using var optimizer = new Optimizer<Muon>(new Muon());
        ParameterGroup<Muon> others = optimizer.AddGroup(new Muon { AdamW = true });
        ParameterState matrix = optimizer.Add("matrix", [64, 128]);

        Assert.Equal(Quantized(8192), matrix.StateBytes);
        Assert.False(matrix.States["v"].IsAllocated);
        Assert.Equal(2 * Quantized(8192), optimizer.Add("vector", [8192]).StateBytes);
        Assert.Equal(2 * Quantized(8192), optimizer.Add("embedding", [64, 128], others).StateBytes);
    }

    [Fact]
    public void StateBytes_OfCameAndSm3_AreMomentumAndLines()
    {
        using var came = new Optimizer<Came>(new Came());
        using var sm3 = new Optimizer<Sm3>(new Sm3());
        using var plain = new Optimizer<Sm3>(new Sm3 { Beta = 0f });

        Assert.Equal(Quantized(8192) + (2 * (64 + 128) * sizeof(float)), came.Add("matrix", [64, 128]).StateBytes);
        Assert.Equal(2 * Quantized(8192), came.Add("vector", [8192]).StateBytes);
        Assert.Equal(Quantized(8192) + ((64 + 128) * sizeof(float)), sm3.Add("matrix", [64, 128]).StateBytes);
        Assert.Equal((64 + 128) * sizeof(float), plain.Add("matrix", [64, 128]).StateBytes);
    }

    /// <summary>A code for each element and a scale for each block of 256.</summary>
    private static long Quantized(long elements) => elements + (elements / 256 * sizeof(float));

    private static void AssertRefused(string named, params long[] shape)
    {
        using var optimizer = new Optimizer<Muon>(new Muon());

        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => optimizer.Add("w", shape));

        Assert.Equal("shape", exception.ParamName);
        Assert.Contains(named, exception.Message, StringComparison.Ordinal);
        Assert.Empty(optimizer.Parameters);
        Assert.Equal(6, optimizer.Add("w", [2, 3]).States[0].Length);
    }

    private static void StepWithEmptyShapes<TRule>(Optimizer<TRule> optimizer, GuardedAllocator guards)
        where TRule : IOptimizerRule<TRule>
    {
        foreach (long[] shape in (long[][])[[40, 50], [0, 5], [5, 0], [0], [3, 0, 4], [0, 0]])
        {
            optimizer.Add($"w{optimizer.Parameters.Count}", shape, guards);
        }

        float[][] parameters = [.. optimizer.Parameters.Select(state => Data.Normal((int)state.Length, 0))];
        for (int step = 1; step <= 2; step++)
        {
            ShapedModel.Step(optimizer, parameters, [.. parameters.Select(values => Data.Normal(values.Length, step))]);
        }

        guards.AssertIntact();
    }

    private sealed class Empty : IReferenceCheck
    {
        public void Run<TRule>(TRule rule, Reference reference, Tolerances allowed)
            where TRule : IOptimizerRule<TRule>
        {
            using var guards = new GuardedAllocator();
            using var optimizer = new Optimizer<TRule>(rule);
            StepWithEmptyShapes(optimizer, guards);
            Assert.Equal(0, optimizer.SkippedElements);
        }
    }

    /// <summary>Memory with a known number on both sides of each piece.</summary>
    private sealed unsafe class GuardedAllocator : IStateAllocator, IDisposable
    {
        private const int Guard = 256;
        private const byte Known = 0xa5;

        private readonly List<(nint Start, int Bytes)> _pieces = [];

        public IStateMemory Allocate(string stateName, StateMemoryKind kind, long count, byte fill)
        {
            int bytes = (int)count * (kind == StateMemoryKind.Codes ? 1 : sizeof(float));
            nint start = (nint)NativeMemory.AlignedAlloc((nuint)(bytes + (2 * Guard)), 64);
            _pieces.Add((start, bytes));
            new Span<byte>((void*)start, bytes + (2 * Guard)).Fill(Known);
            new Span<byte>((void*)(start + Guard), bytes).Fill(fill);
            return new Memory(start + Guard);
        }

        public void AssertIntact()
        {
            foreach ((nint start, int bytes) in _pieces)
            {
                Assert.Equal(-1, new ReadOnlySpan<byte>((void*)start, Guard).IndexOfAnyExcept(Known));
                Assert.Equal(
                    -1, new ReadOnlySpan<byte>((void*)(start + Guard + bytes), Guard).IndexOfAnyExcept(Known));
            }
        }

        public void Dispose() => _pieces.ForEach(piece => NativeMemory.AlignedFree((void*)piece.Start));

        private sealed class Memory(nint pointer) : IStateMemory
        {
            public nint Pointer => pointer;

            public void Dispose()
            {
            }
        }
    }
}
