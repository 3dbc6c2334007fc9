namespace Requant.Optimizers.Tests.Matrices;

/// <summary>The sides of a tensor as a matrix, and what references compute by rows and columns, in float64.</summary>
internal readonly record struct Sides(int Rows, int Columns)
{
    public bool IsMatrix => Rows > 1 && Columns > 1;

    public static Sides Of(long[] shape)
    {
        int length = (int)shape.Aggregate(1L, (product, side) => product * side);
        return shape.Length < 2 ? new Sides(1, length) : new Sides((int)shape[0], length / (int)shape[0]);
    }

    /// <summary>The elements of a row.</summary>
    public double[] Row(double[] values, int row) => values[(row * Columns)..((row + 1) * Columns)];

    /// <summary>The elements of a column.</summary>
    public double[] Column(double[] values, int column)
    {
        int columns = Columns;
        return [.. Enumerable.Range(0, Rows).Select(row => values[(row * columns) + column])];
    }

    /// <summary>One value of each row.</summary>
    public double[] ByRow(double[] values, Func<double[], double> reduce)
    {
        Sides sides = this;
        return [.. Enumerable.Range(0, Rows).Select(row => reduce(sides.Row(values, row)))];
    }

    /// <summary>One value of each column.</summary>
    public double[] ByColumn(double[] values, Func<double[], double> reduce)
    {
        Sides sides = this;
        return [.. Enumerable.Range(0, Columns).Select(column => reduce(sides.Column(values, column)))];
    }

    /// <summary>For each element a value of its row and column.</summary>
    public double[] Element(Func<int, int, double> value)
    {
        int columns = Columns;
        return [.. Enumerable.Range(0, Rows * columns).Select(i => value(i / columns, i % columns))];
    }
}
