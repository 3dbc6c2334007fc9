using Xunit;

namespace Requant.Generator.Tests.Harness.Replay;

/// <summary>Runs a rule on one element after another, again and again until it knows the results of all calls that see
/// more than an element.</summary>
/// <remarks>In a pass each element has its first call whose result is not known recorded; what it does after that
/// counts for nothing. A result is computed when all elements that it is of have come to the call.</remarks>
/// <param name="sides">Of the tensor.</param>
/// <param name="takesPart">Whether an element takes part in reductions.</param>
internal sealed class ElementReplay(MatrixSides sides, bool[] takesPart)
{
    [ThreadStatic]
    private static ElementReplay? _current;

    private readonly Dictionary<(int Site, int Occurrence), Results> _results = [];
    private readonly List<int> _sites = [];
    private int _element;
    private bool _isOver;
    private bool _isPassOver;

    public static ElementReplay Current => _current ?? throw new InvalidOperationException("No element is run.");

    public MatrixSides Sides => sides;

    /// <summary>Whether a matrix, or its norm, is not finite.</summary>
    public bool HasInfiniteMatrix { get; private set; }

    /// <summary>Runs the elements.</summary>
    /// <param name="runElement">Runs one; called several times for each. The last call has the right results.</param>
    public void Run(Action<int> runElement)
    {
        _current = this;
        try
        {
            do
            {
                RunPass(runElement);
            }
            while (!_isPassOver);
        }
        finally
        {
            _current = null;
        }
    }

    /// <summary>The result of a call for the element that runs, or anything while it is not known.</summary>
    /// <param name="site">Number of the call in the text.</param>
    /// <param name="call">What it asks for.</param>
    /// <param name="x">The value at the element.</param>
    public float Ask(int site, ReplayedCall call, float x)
    {
        int occurrence = _sites.Count(one => one == site);
        _sites.Add(site);
        if (!_results.TryGetValue((site, occurrence), out Results? results))
        {
            results = new Results(call, sides);
            _results.Add((site, occurrence), results);
        }

        Assert.Equal(call, results.Call);
        if (!_isOver && results.Known[results.LineOf(_element)] is { } known)
        {
            return known;
        }

        if (!_isOver)
        {
            results.Values[_element] = x;
            results.IsRecorded[_element] = true;
            _isOver = true;
        }

        return 1f;
    }

    private void RunPass(Action<int> runElement)
    {
        foreach (Results results in _results.Values)
        {
            Array.Clear(results.IsRecorded);
        }

        _isPassOver = true;
        for (_element = 0; _element < sides.Length; _element++)
        {
            _isOver = false;
            _sites.Clear();
            runElement(_element);
            _isPassOver &= !_isOver;
        }

        bool isAnyNew = false;
        foreach (Results results in _results.Values)
        {
            isAnyNew |= Compute(results);
        }

        Assert.True(_isPassOver || isAnyNew, "No call has come to all elements that its result is of.");
    }

    private bool Compute(Results results)
    {
        if (results.Call.Kind == ReplayedKind.Orthogonalize)
        {
            return ComputeMatrix(results);
        }

        bool isAnyNew = false;
        foreach (IGrouping<int, int> line in Enumerable.Range(0, sides.Length).GroupBy(results.LineOf))
        {
            if (results.Known[line.Key] is null && line.All(element => results.IsRecorded[element]))
            {
                results.Known[line.Key] = Reduced(results, [.. line]);
                isAnyNew = true;
            }
        }

        return isAnyNew;
    }

    private float Reduced(Results results, int[] line)
    {
        ReplayedKind kind = results.Call.Kind;
        float[] values = [.. line.Select(element => results.Values[element])];
        bool[] takes = [.. line.Select(element => takesPart[element])];
        return (results.Call.Into, results.Call.Over) switch
        {
            (ReplayedInto.Rows, _) => ReductionOrder.OfRow(kind, values, takes, line[0], sides.BlockSize),
            (ReplayedInto.Columns, _) => ReductionOrder.OfColumn(kind, values, takes),
            (_, ReducedOver.Rows) => ReductionOrder.OfLines(kind, OneOfEach(values, sides.RowOf)),
            (_, ReducedOver.Columns) => ReductionOrder.OfLines(kind, OneOfEach(values, sides.ColumnOf)),
            _ => ReductionOrder.OfElements(kind, values, takes, sides.BlockSize),
        };
    }

    private static float[] OneOfEach(float[] values, Func<int, int> lineOf) =>
    [
        .. Enumerable.Range(0, values.Length).GroupBy(lineOf, element => values[element])
            .Select(line => SameOf(line, "a reduction of lines"))
    ];

    /// <summary>The value that all elements of a line have.</summary>
    public static float SameOf(IEnumerable<float> line, string what)
    {
        float first = line.First();
        foreach (float other in line)
        {
            Assert.True(
                BitConverter.SingleToInt32Bits(first) == BitConverter.SingleToInt32Bits(other)
                    || (float.IsNaN(first) && float.IsNaN(other)),
                $"The writer of rules takes {what} for the same along a line, but it is {first:R} and {other:R}.");
        }

        return first;
    }

    /// <summary>A matrix that is not finite is not computed: nothing will be updated.</summary>
    private bool ComputeMatrix(Results results)
    {
        bool isComplete = results.Known.Any(known => known is null) && results.IsRecorded.All(recorded => recorded);
        if (isComplete)
        {
            float norm = ReductionOrder.OfElements(
                ReplayedKind.Norm, results.Values, takesPart, sides.BlockSize);

            // A matrix has no element where the gradient is not finite.
            HasInfiniteMatrix |=
                !float.IsFinite(norm) || !results.Values.All(float.IsFinite) || takesPart.Contains(false);
            float[] known = HasInfiniteMatrix
                ? results.Values
                : Polynomial.Apply(results.Values, sides.Rows, sides.Columns, norm, results.Call.Steps);
            for (int i = 0; i < known.Length; i++)
            {
                results.Known[i] = known[i];
            }
        }

        return isComplete;
    }

    /// <summary>A call, what elements have brought to it, and the results as far as they are known.</summary>
    private sealed class Results(ReplayedCall call, MatrixSides sides)
    {
        public ReplayedCall Call => call;

        public float[] Values { get; } = new float[sides.Length];

        public bool[] IsRecorded { get; } = new bool[sides.Length];

        public float?[] Known { get; } = new float?[call.Into switch
        {
            ReplayedInto.One => 1,
            ReplayedInto.Rows => sides.Rows,
            ReplayedInto.Columns => sides.Columns,
            _ => sides.Length,
        }];

        public int LineOf(int element) => call.Into switch
        {
            ReplayedInto.One => 0,
            ReplayedInto.Rows => sides.RowOf(element),
            ReplayedInto.Columns => sides.ColumnOf(element),
            _ => element,
        };
    }
}
