using Requant.Optimizers.Tests.Matrices;

namespace Requant.Optimizers.Tests.Language;

/// <summary>What values of rows and columns, and of the whole tensor, are: by numbers computed by hand.</summary>
public class LineTests
{
    private static readonly float[] Finite = [3f, -1f, 4f, 0f, -2f, -3f];

    /// <summary>Two rows of three.</summary>
    private static readonly float[] WithBad = [3f, -1f, 4f, 1f, -2f, float.NaN];

    /// <summary>Shapes whose rows are shorter than a block, as long, and longer; and more rows than are summed in
    /// one go.</summary>
    public static MatrixTheoryData<long[], int> Partitions => new(
        [[1, 1], [1, 700], [700, 1], [3, 1000], [129, 65], [64, 256], [200, 16], [130, 7, 3]], [16, 256, 4096]);

    [Fact]
    public void Reductions_IntoLines_AreThoseOfTheirElements()
    {
        ParameterState state = Step(new OfElements(), [2, 3], Finite, out float[] parameter);

        Assert.Equal([6f, -5f], Values(state, "rowSum"));
        Assert.Equal([2f, -5f / 3], Values(state, "rowMean"));
        Assert.Equal([4f, 0f], Values(state, "rowMax"));
        Assert.Equal([MathF.Sqrt(26f), MathF.Sqrt(13f)], Values(state, "rowNorm"));
        Assert.Equal([3f, -3f, 1f], Values(state, "columnSum"));
        Assert.Equal([1.5f, -1.5f, 0.5f], Values(state, "columnMean"));
        Assert.Equal([3f, -1f, 4f], Values(state, "columnMax"));
        Assert.Equal([3f, MathF.Sqrt(5f), 5f], Values(state, "columnNorm"));
        Assert.Equal([-3f, 1f, -4f, 0f, 2f, 3f], parameter);
    }

    [Fact]
    public void Reductions_WithBadGradients_LeaveThemOut()
    {
        ParameterState state = Step(new OfElements(), [2, 3], WithBad, out float[] parameter);

        Assert.Equal([6f, -1f], Values(state, "rowSum"));
        Assert.Equal([2f, -0.5f], Values(state, "rowMean"));
        Assert.Equal([4f, 1f], Values(state, "rowMax"));
        Assert.Equal([MathF.Sqrt(26f), MathF.Sqrt(5f)], Values(state, "rowNorm"));
        Assert.Equal([4f, -3f, 4f], Values(state, "columnSum"));
        Assert.Equal([2f, -1.5f, 4f], Values(state, "columnMean"));
        Assert.Equal([3f, -1f, 4f], Values(state, "columnMax"));
        Assert.Equal([MathF.Sqrt(10f), MathF.Sqrt(5f), 4f], Values(state, "columnNorm"));
        Assert.Equal([-3f, 1f, -4f, -1f, 2f, 0f], parameter);
    }

    [Fact]
    public void Reductions_OfLinesWithoutElements_AreZero()
    {
        float[] gradient = [float.NaN, float.PositiveInfinity, float.NegativeInfinity, -1f, float.NaN, -2f];

        ParameterState state = Step(new OfElements(), [2, 3], gradient, out _);

        foreach (string function in (string[])["Sum", "Mean", "Max", "Norm"])
        {
            Assert.Equal(0f, Values(state, "row" + function)[0]);
            Assert.Equal(0f, Values(state, "column" + function)[1]);
        }

        Assert.Equal([0f, -1f], Values(state, "rowMax"));
        Assert.Equal([-1f, 0f, -2f], Values(state, "columnMax"));
    }

    /// <summary>Row sums are 6 and -5, column sums 3, -3 and 1: a mean is over lines, not over elements.</summary>
    [Fact]
    public void Reductions_OfLines_TakeOneValueFromEach()
    {
        ParameterState state = Step(new OfLines(), [2, 3], Finite, out _);

        Assert.Equal(
            [1f, 0.5f, 6f, MathF.Sqrt(61f), 1f, 1f / 3f, 3f, MathF.Sqrt(19f)], state.TensorStates);
    }

    /// <summary>Elements that are not finite are none of the lines' own values, and a line of nothing else is a line
    /// all the same.</summary>
    [Fact]
    public void Reductions_OfLinesWithBadElements_CountEveryLine()
    {
        float[] gradient = [float.NaN, float.NaN, float.NaN, 1f, -2f, 7f];

        ParameterState state = Step(new OfLines(), [2, 3], gradient, out _);

        Assert.Equal([6f, 3f, 6f, 6f, 6f, 2f, 7f, MathF.Sqrt(54f)], state.TensorStates);
    }

    /// <summary>Column maxima are 3, -1, 4, row sums 6, -1, row maxima 4, 1; the last element takes no part in what is
    /// made of them.</summary>
    [Fact]
    public void Reductions_OfOtherLines_TakeAValueForEachElement()
    {
        ParameterState state = Step(new Nested(), [2, 3], WithBad, out _);

        Assert.Equal([6f, 2f], Values(state, "ofColumns"));
        Assert.Equal([2.5f, 2.5f, 6f], Values(state, "ofRows"));
        Assert.Equal([12f, 2f], Values(state, "ofItself"));
        Assert.Equal((4f * 6f) + (1f * 2f), state.TensorStates["ofBoth"]);
    }

    /// <summary>Sums of small integers have no rounding, so that no order of them matters.</summary>
    [Theory]
    [MemberData(nameof(Partitions))]
    public void Reductions_OfIntegers_AreExactHoweverBlocksLie(long[] shape, int blockSize)
    {
        (int rows, int columns) = Sides.Of(shape);
        var random = new Random(rows);
        float[] gradient = [.. Enumerable.Range(0, rows * columns).Select(_ => (float)random.Next(-9, 10))];

        ParameterState state = Step(
            new OfElements(), shape, gradient, out _, new OptimizerOptions { BlockSize = blockSize });

        float[][] byRow = [.. gradient.Chunk(columns)];
        float[][] byColumn =
            [.. Enumerable.Range(0, columns).Select(column => byRow.Select(row => row[column]).ToArray())];
        AssertReduced(byRow, state, "row");
        AssertReduced(byColumn, state, "column");
    }

    [Theory]
    [InlineData(new long[0], 1, 1, false)]
    [InlineData(new long[] { 6 }, 1, 6, false)]
    [InlineData(new long[] { 1 }, 1, 1, false)]
    [InlineData(new long[] { 4, 6 }, 4, 6, true)]
    [InlineData(new long[] { 1, 6 }, 1, 6, false)]
    [InlineData(new long[] { 6, 1 }, 6, 1, false)]
    [InlineData(new long[] { 5, 3, 2 }, 5, 6, true)]
    [InlineData(new long[] { 5, 1, 1 }, 5, 1, false)]
    [InlineData(new long[] { 1, 3, 2 }, 1, 6, false)]
    [InlineData(new long[] { 2, 3, 2, 2 }, 2, 12, true)]
    [InlineData(new long[] { 0, 4 }, 0, 4, false)]
    [InlineData(new long[] { 4, 0 }, 4, 0, false)]
    [InlineData(new long[] { 0 }, 1, 0, false)]
    public void Shape_OfParameter_IsItsFirstDimensionByAllOthers(long[] shape, int rows, int columns, bool isMatrix)
    {
        ParameterState state = Step(new Seen(), shape, new float[rows * columns], out _);

        Assert.Equal([rows, columns, isMatrix ? 1f : 0f], state.TensorStates);
        Assert.Equal((rows, columns, isMatrix), (state.Rows, state.Columns, state.IsMatrix));
        Assert.Equal(shape, state.Shape);
    }

    [Fact]
    public void Shape_OfSeveralTensorsInOneStep_IsEachOnes()
    {
        using var optimizer = new Optimizer<Seen>(new Seen());
        ParameterState[] states = [optimizer.Add("a", [2, 3]), optimizer.Add("b", [3, 2]), optimizer.Add("c", [6])];

        float[][] zeros = [new float[6], new float[6], new float[6]];
        ShapedModel.Step(optimizer, zeros, zeros);

        Assert.Equal([2f, 3f, 1f], states[0].TensorStates);
        Assert.Equal([3f, 2f, 1f], states[1].TensorStates);
        Assert.Equal([1f, 6f, 0f], states[2].TensorStates);
    }

    /// <summary>The rule's own helpers, called here, are C#.</summary>
    [Theory]
    [InlineData(0.1, 0.99999999, 0.1f)]
    [InlineData(0.1, 0.999, 0.3f)]
    [InlineData(1e-3, 0.9, 1e-3f)]
    [InlineData(0.3, 0.99, 0.1f)]
    [InlineData(0.10000000149011612, 0.99, 0.1f)]
    public void Doubles_OfTheWholeTensor_AreThoseOfCSharp(double lr, double beta, float scale)
    {
        using var optimizer = new Optimizer<Doubles>(new Doubles { Lr = lr, Beta = beta, Scale = scale });
        ParameterState state = optimizer.Add("w", [1]);
        for (int step = 1; step <= 7; step++)
        {
            float[] parameter = [0f];
            optimizer.Step(state, parameter, [1f]);

            float rate = LineRules.Rate(lr, beta, step);
            Assert.Equal(
                [rate, LineRules.Difference(lr), LineRules.Quotients(scale, step),
                    LineRules.Choice(lr, scale, step)],
                state.TensorStates);
            Assert.Equal(-rate, parameter[0]);
        }
    }

    /// <summary>0.99999999f is 1, of which a correction in float32 would be 0; 0.1 is lost beside 1e8f, and 1e-61f
    /// is 0.</summary>
    [Fact]
    public void Doubles_InFloat32_WouldBeOthers()
    {
        using var optimizer = new Optimizer<Doubles>(new Doubles());
        ParameterState state = optimizer.Add("w", [1]);
        optimizer.Step(state, [0f], [1f]);

        Assert.Equal(1e-4f, state.TensorStates["rate"], 1e-9f);
        Assert.Equal(0.2f, state.TensorStates["difference"], 1e-7f);
        Assert.Equal(0.1f, state.TensorStates["choice"]);
    }

    [Fact]
    public void States_OfLines_BeginWhereTheRuleSaysAndAreOldInTheSameStep()
    {
        using var optimizer = new Optimizer<Beginning>(new Beginning());
        ParameterState state = optimizer.Add("w", [2, 3]);
        Assert.Equal([0.5f, 0.5f], Values(state, "row"));
        Assert.Equal([0.25f, 0.25f, 0.25f], Values(state, "column"));
        float[] parameter = new float[6];

        optimizer.Step(state, parameter, Finite);
        Assert.Equal([-0.75f, -0.75f, -0.75f, -0.75f, -0.75f, -0.75f], parameter);
        Assert.Equal([6.5f, -4.5f], Values(state, "row"));
        Assert.Equal([3f, 0.25f, 4f], Values(state, "column"));

        optimizer.Step(state, parameter, new float[6]);
        Assert.Equal([-10.25f, -7.5f, -11.25f, 0.75f, 3.5f, -0.25f], parameter);

        state.Reset();
        Assert.Equal([0.5f, 0.5f], Values(state, "row"));
        Assert.Equal([0.25f, 0.25f, 0.25f], Values(state, "column"));
        Assert.Equal(0, state.Step);
        Assert.Equal((2 + 3) * sizeof(float), state.StateBytes);
    }

    /// <summary>Assignments are those of a method: a state that takes another's old value has it, whichever is written
    /// first.</summary>
    [Fact]
    public void States_ThatTakeOthersOldValues_HaveThem()
    {
        using var optimizer = new Optimizer<Handed>(new Handed());
        ParameterState state = optimizer.Add("w", [2, 3]);
        for (int step = 1; step <= 2; step++)
        {
            optimizer.Step(state, new float[6], [.. Finite.Select(value => value * step)]);
        }

        Assert.Equal([12f, -10f], Values(state, "last"));
        Assert.Equal([6f, -5f], Values(state, "beforeLast"));
        Assert.Equal([3f, 3f, 3f], Values(state, "one"));
        Assert.Equal([4f, 4f, 4f], Values(state, "other"));
        Assert.Equal([6f, 6f, 6f], Values(state, "taken"));
        Assert.Equal([6f, 6f, 6f], Values(state, "kept"));
        Assert.Equal([1f / 3f, 1f / 3f], Values(state, "mean"));
        Assert.Equal([2f, 2f], Values(state, "sum"));

        optimizer.Step(state, new float[6], Finite);
        Assert.Equal([12f, -10f], Values(state, "beforeLast"));
        Assert.Equal([4f, 4f, 4f], Values(state, "one"));
    }

    [Fact]
    public void States_OfWhichNothingIsComputed_AreHandedOn()
    {
        ParameterState state = Step(new Swapped(), [2, 3], Finite, out _);

        Assert.Equal([2f, 2f], Values(state, "one"));
        Assert.Equal([1f, 1f], Values(state, "other"));
    }

    [Theory]
    [InlineData(false, -1f)]
    [InlineData(true, -1f)]
    public void States_ThatAReductionAloneReads_AreInUse(bool isKept, float expected)
    {
        using var optimizer = new Optimizer<Reduced>(new Reduced { IsKept = isKept });
        ParameterState state = optimizer.Add("w", [2, 3]);
        float[] parameter = new float[6];
        optimizer.Step(state, parameter, Finite);
        optimizer.Step(state, parameter, Finite);

        Assert.All(parameter, value => Assert.Equal(expected, value));
        Assert.Equal(isKept ? [0.5f, 0.5f] : [6f, -5f], Values(state, "row"));
    }

    private static void AssertReduced(float[][] lines, ParameterState state, string level)
    {
        Assert.Equal([.. lines.Select(line => line.Sum())], Values(state, level + "Sum"));
        Assert.Equal([.. lines.Select(line => line.Sum() / line.Length)], Values(state, level + "Mean"));
        Assert.Equal([.. lines.Select(line => line.Max())], Values(state, level + "Max"));
        Assert.Equal(
            [.. lines.Select(line => MathF.Sqrt(line.Sum(value => value * value)))], Values(state, level + "Norm"));
    }

    private static float[] Values(ParameterState state, string name) => ReferenceChecks.Dequantize(state.States[name]);

    private static ParameterState Step<TRule>(
        TRule rule, long[] shape, float[] gradient, out float[] parameter, OptimizerOptions? options = null)
        where TRule : IOptimizerRule<TRule>
    {
        var optimizer = new Optimizer<TRule>(rule, options);
        ParameterState state = optimizer.Add("w", shape);
        parameter = new float[gradient.Length];
        optimizer.Step(state, parameter, gradient);
        return state;
    }
}
