namespace Requant.Torch;

/// <summary>What a state's codes tell of the values that were encoded. See
/// <see cref="OptimizerReportRow.ErrorBound"/>.</summary>
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

    /// <summary>For each code, how far from its value is the farthest one that is stored by it, with an absmax of 1. To
    /// nearest, that is at the middle between it and a neighbour; stochastically, at the neighbour. At the ends it is
    /// the end of the range.</summary>
    internal static double[] Farthest(Codebook codebook, StateRounding rounding)
    {
        byte[] codes = [.. Enumerable.Range(0, codebook.Values.Length).Select(code => (byte)code)
            .Where(code => codebook.IndexOfUnknown([code]) < 0).OrderBy(codebook.Decode)];
        double[] farthest = new double[codebook.Values.Length];
        for (int i = 0; i < codes.Length; i++)
        {
            double value = codebook.Decode(codes[i]);
            double below = i == 0 ? (codebook.IsUnsigned ? 0 : -1) : Edge(i - 1, neighbour: i - 1);
            double above = i == codes.Length - 1 ? 1 : Edge(i, neighbour: i + 1);
            farthest[codes[i]] = Math.Max(value - below, above - value);
        }

        return farthest;

        // Where what is stored as one code ends, between the codes at one place and the next.
        double Edge(int lower, int neighbour)
        {
            (byte low, byte high) = (codes[lower], codes[lower + 1]);
            if (codebook.IsUnsigned && low == codebook.ZeroCode)
            {
                // No positive value is stored as 0.
                return 0;
            }

            // Between 0 and its smallest value, MiniFloat stores the nearer one.
            bool isNearest = rounding == StateRounding.Nearest
                || (codebook.Thresholds.IsEmpty && (low == codebook.ZeroCode || high == codebook.ZeroCode));
            return !isNearest ? codebook.Decode(codes[neighbour])
                : codebook.Thresholds.IsEmpty ? ((double)codebook.Decode(low) + codebook.Decode(high)) / 2
                : codebook.Thresholds[low];
        }
    }
}
