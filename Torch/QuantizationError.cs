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

        ReadOnlySpan<float> values = Codebook.For(state.Codec).Values;
        double[] farthest = Farthest(values);
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

    /// <summary>For each code, how far from its value is the farthest one that rounds to it, with an absmax of 1: half of the
    /// wider gap to its neighbours; at the ends, the distance to the end of the range.</summary>
    internal static double[] Farthest(ReadOnlySpan<float> values)
    {
        double least = values[0] < 0 ? -1 : 0;
        double[] farthest = new double[values.Length];
        for (int code = 0; code < values.Length; code++)
        {
            double below = code > 0 ? ((double)values[code] - values[code - 1]) / 2 : values[code] - least;
            double above = code < values.Length - 1 ? ((double)values[code + 1] - values[code]) / 2 : 1.0 - values[code];
            farthest[code] = Math.Max(below, above);
        }

        return farthest;
    }
}
