using System.Numerics;

namespace Requant.Generator.Tests.Harness.Replay;

/// <summary>The orders of docs/adr/0003 and 0027, as they are written there.</summary>
internal static class ReductionOrder
{
    private const int Slots = 256;
    private const int BandRows = 64;
    private const int LinesAtATime = 256;

    /// <summary>Of all elements.</summary>
    /// <param name="kind">What is computed.</param>
    /// <param name="values">One of each element.</param>
    /// <param name="takesPart">Whether an element takes part.</param>
    /// <param name="blockSize">Elements of a block.</param>
    public static float OfElements(ReplayedKind kind, float[] values, bool[] takesPart, int blockSize) =>
        Result(kind, values, takesPart, terms => Added(terms.Chunk(blockSize).Select(Folded)));

    /// <summary>Of one row.</summary>
    /// <param name="first">Position in the tensor of the row's first element.</param>
    /// <inheritdoc cref="OfElements"/>
    public static float OfRow(ReplayedKind kind, float[] values, bool[] takesPart, int first, int blockSize) => Result(
        kind, values, takesPart,
        terms => Added(terms.Index().GroupBy(term => (first + term.Index) / blockSize, term => term.Item)
            .Select(part => Folded([.. part]))));

    /// <summary>Of one column.</summary>
    /// <inheritdoc cref="OfElements"/>
    public static float OfColumn(ReplayedKind kind, float[] values, bool[] takesPart) =>
        Result(kind, values, takesPart, terms => Added(terms.Chunk(BandRows).Select(Ascending)));

    /// <summary>Of rows, or of columns, all of which take part.</summary>
    /// <inheritdoc cref="OfElements"/>
    public static float OfLines(ReplayedKind kind, float[] values) => Result(
        kind, values, [.. values.Select(_ => true)], terms => Added(terms.Chunk(LinesAtATime).Select(Folded)));

    private static float Result(ReplayedKind kind, float[] values, bool[] takesPart, Func<float[], double> sum)
    {
        float[] Terms(Func<float, float> termOf) =>
            [.. values.Zip(takesPart, (value, takes) => takes ? termOf(value) : 0f)];

        return kind switch
        {
            ReplayedKind.Sum => (float)sum(Terms(value => value)),
            ReplayedKind.Norm => (float)Math.Sqrt(sum(Terms(value => value * value))),
            ReplayedKind.Mean =>
                (float)sum(Terms(value => value)) / MathF.Max((float)sum(Terms(_ => 1f)), 1f),
            ReplayedKind.Max => Largest(values.Where((_, index) => takesPart[index])),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "It is no reduction."),
        };
    }

    private static float Largest(IEnumerable<float> values)
    {
        float largest = values.Aggregate(float.NegativeInfinity, MathF.Max);
        return float.IsNegativeInfinity(largest) ? 0f : largest;
    }

    /// <summary>Padded with zeros to a power of two, then in halves.</summary>
    private static float Folded(float[] terms)
    {
        var padded = new float[BitOperations.RoundUpToPowerOf2((uint)terms.Length)];
        terms.CopyTo(padded, 0);
        for (int half = padded.Length / 2; half >= 1; half /= 2)
        {
            for (int i = 0; i < half; i++)
            {
                padded[i] += padded[i + half];
            }
        }

        return padded[0];
    }

    private static float Ascending(float[] terms)
    {
        float sum = 0f;
        foreach (float term in terms)
        {
            sum += term;
        }

        return sum;
    }

    /// <summary>Partial result k into slot k mod 256, then in halves. Of more than 16384 there are none here.</summary>
    private static double Added(IEnumerable<float> partials)
    {
        var slots = new double[Slots];
        foreach ((int k, float partial) in partials.Index())
        {
            slots[k % Slots] += partial;
        }

        for (int half = Slots / 2; half >= 1; half /= 2)
        {
            for (int i = 0; i < half; i++)
            {
                slots[i] += slots[i + half];
            }
        }

        return slots[0];
    }
}
