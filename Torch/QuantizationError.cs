using Requant.Quantization;

namespace Requant.Torch;

/// <summary>What a state's codes tell of the values that were encoded. See <see cref="OptimizerReportRow.ErrorBound"/>.</summary>
internal static class QuantizationError
{
    private const int ChunkBlocks = 256;

    public static double? BoundOf(QuantizedState state)
    {
        if (!state.IsQuantized)
        {
            return null;
        }

        var codebook = Codebook.For(state.Codec);
        ReadOnlySpan<float> values = codebook.Values;
        double[] farthest = Farthest(codebook, state.Rounding);
        double distance = 0;
        double magnitude = 0;
        for (long first = 0; first < state.BlockCount; first += ChunkBlocks)
        {
            int count = (int)Math.Min(ChunkBlocks, state.BlockCount - first);
            long start = first * state.BlockSize;
            ReadOnlySpan<float> absmax = state.GetAbsmax(first, count);
            ReadOnlySpan<byte> codes = state.GetCodes(
                start, (int)Math.Min((long)count * state.BlockSize, state.Length - start));
            for (int i = 0; i < codes.Length; i++)
            {
                double scale = absmax[i / state.BlockSize];
                distance += scale * farthest[codes[i]];
                magnitude += scale * Math.Abs(values[codes[i]]);
            }
        }

        return magnitude > 0 ? distance / magnitude : null;
    }

    /// <summary>For each code, how far from its value is the farthest one that is stored by it, with an absmax of 1. To nearest, that is at the middle
    /// between it and a neighbour; stochastically, at the neighbour. At the ends it is the end of the range.</summary>
    internal static double[] Farthest(Codebook codebook, StateRounding rounding)
    {
        byte[] codes = [.. Enumerable.Range(0, codebook.Values.Length).Select(code => (byte)code)
            .Where(code => codebook.IndexOfUnknown([code]) < 0).OrderBy(codebook.Decode)];
        double[] farthest = new double[codebook.Values.Length];
        for (int i = 0; i < codes.Length; i++)
        {
            double value = codebook.Decode(codes[i]);
            double below = i == 0 ? (codebook.IsUnsigned ? 0 : -1) : Edge(i - 1, i - 1);
            double above = i == codes.Length - 1 ? 1 : Edge(i, i + 1);
            farthest[codes[i]] = Math.Max(value - below, above - value);
        }

        return farthest;

        // The edge of what is stored as the code at one place, towards the one at the place beside it.
        double Edge(int lower, int neighbour) => rounding == StateRounding.Stochastic ? codebook.Decode(codes[neighbour])
            : !codebook.Thresholds.IsEmpty ? codebook.Thresholds[codes[lower]]
            // Unsigned codecs store no positive value as 0.
            : codebook.IsUnsigned && lower == 0 ? 0
            : ((double)codebook.Decode(codes[lower]) + codebook.Decode(codes[lower + 1])) / 2;
    }
}
