using System.Runtime.InteropServices;

namespace Requant.Codecs.Blocks;

/// <summary>A codebook's thresholds of magnitudes, so that one read gives a code.</summary>
/// <remarks>
/// A cell is a range of magnitudes with the same top bits, <c>bits >> shift</c>, and holds at most one threshold. Its
/// entry is the code below that threshold, at bit <c>shift</c>, less the cell's own number, plus what carries from the
/// threshold on: <c>(entry + bits) >> shift</c> is the code, exactly, and no comparison is needed.
/// </remarks>
internal readonly unsafe struct LookupTable
{
    /// <summary>Cell c's entry is at c, uint32; only cells between <see cref="Smallest"/> and <see cref="Largest"/> are
    /// there. It lives as long as the process.</summary>
    public readonly uint* Entries;

    /// <summary>Bits of a magnitude below all thresholds: lesser ones have its code.</summary>
    public readonly int Smallest;

    /// <summary>Bits of a magnitude above all thresholds: larger ones have its code.</summary>
    public readonly int Largest;

    private const nuint CacheLineBytes = 64;

    /// <summary>Makes the table of the values that are not negative.</summary>
    /// <exception cref="InvalidOperationException">Two thresholds are in one cell.</exception>
    public LookupTable(TableCodebook codebook, int shift)
    {
        ReadOnlySpan<float> thresholds = codebook.NearestThresholds;
        uint code = codebook.ZeroCode;
        int firstCell = (BitConverter.SingleToInt32Bits(thresholds[(int)code]) >> shift) - 1;
        int cells = (BitConverter.SingleToInt32Bits(thresholds[codebook.Values.Length - 2]) >> shift) - firstCell + 1;
        var entries = (uint*)NativeMemory.AlignedAlloc((nuint)cells * sizeof(uint), CacheLineBytes);
        for (int cell = firstCell; cell < firstCell + cells; cell++)
        {
            // Past the last threshold all entries are infinity, which is in no cell.
            int threshold = BitConverter.SingleToInt32Bits(thresholds[(int)code]);
            bool isCrossed = threshold >> shift == cell;
            uint carry = isCrossed ? (uint)(((cell + 1) << shift) - threshold) : 0;
            entries[cell - firstCell] = (code << shift) + carry - ((uint)cell << shift);
            code += isCrossed ? 1u : 0;
            if (isCrossed && BitConverter.SingleToInt32Bits(thresholds[(int)code]) >> shift == cell)
            {
                throw new InvalidOperationException($"Two thresholds in cell {cell}.");
            }
        }

        Entries = entries - firstCell;
        Smallest = firstCell << shift;
        Largest = ((firstCell + cells) << shift) - 1;
    }
}
