using Requant.Quantization;

namespace Requant.Torch;

/// <summary>Elements whose state a codec has made 0. See <see cref="OptimizerReportRow.ZeroedShare"/>.</summary>
internal static class ZeroedElements
{
    private const int ChunkElements = 1 << 16;

    /// <summary>For each state, the share of elements that are 0 in it and not in all the others; null for one that is not
    /// quantized.</summary>
    /// <param name="states">Those of one parameter that have memory.</param>
    public static double?[] Shares(IReadOnlyList<QuantizedState> states)
    {
        long[] zeroed = new long[states.Count];
        bool[][] isZero = [.. states.Select(_ => new bool[ChunkElements])];
        long length = states.Count > 0 ? states[0].Length : 0;
        for (long start = 0; start < length; start += ChunkElements)
        {
            int count = (int)Math.Min(ChunkElements, length - start);
            for (int state = 0; state < states.Count; state++)
            {
                Mark(states[state], start, isZero[state].AsSpan(0, count));
            }

            for (int i = 0; i < count; i++)
            {
                bool isAll = Array.TrueForAll(isZero, marks => marks[i]);
                for (int state = 0; !isAll && state < states.Count; state++)
                {
                    zeroed[state] += isZero[state][i] ? 1 : 0;
                }
            }
        }

        return [.. states.Select((state, i) => state.IsQuantized ? (double)zeroed[i] / Math.Max(1, length) : (double?)null)];
    }

    private static void Mark(QuantizedState state, long start, Span<bool> isZero)
    {
        if (!state.IsQuantized)
        {
            ReadOnlySpan<float> values = state.GetValues(start, isZero.Length);
            for (int i = 0; i < isZero.Length; i++)
            {
                isZero[i] = values[i] == 0f;
            }

            return;
        }

        byte zero = Codebook.For(state.Codec).ZeroCode;
        long firstBlock = start / state.BlockSize;
        int blocks = (int)(((start + isZero.Length - 1) / state.BlockSize) - firstBlock + 1);
        ReadOnlySpan<float> absmax = state.GetAbsmax(firstBlock, blocks);
        ReadOnlySpan<byte> codes = state.GetCodes(start, isZero.Length);
        for (int i = 0; i < isZero.Length; i++)
        {
            isZero[i] = codes[i] == zero || absmax[(int)(((start + i) / state.BlockSize) - firstBlock)] == 0f;
        }
    }
}
