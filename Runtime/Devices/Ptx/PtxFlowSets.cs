using System.Numerics;

namespace Requant.Devices.Ptx;

/// <summary>Registers that are live around one block, a bit for each.</summary>
internal sealed class PtxFlowSets
{
    private const int BitsPerWord = 64;

    private readonly int[] _read;
    private readonly int[] _written;
    private readonly ulong[] _atStart;
    private readonly ulong[] _atEnd;

    /// <param name="registers">How many registers there are.</param>
    /// <param name="read">Those that the block reads before it writes them.</param>
    /// <param name="written">Those that the block writes in any case.</param>
    public PtxFlowSets(int registers, IEnumerable<int> read, IEnumerable<int> written)
    {
        _read = [.. read];
        _written = [.. written];
        _atStart = new ulong[(registers + BitsPerWord - 1) / BitsPerWord];
        _atEnd = new ulong[_atStart.Length];
    }

    /// <summary>Takes what is live at the start of the next blocks through this one.</summary>
    /// <returns>Whether more is live than was known.</returns>
    public bool Flow(IEnumerable<PtxFlowSets> successors)
    {
        foreach (PtxFlowSets successor in successors)
        {
            for (int i = 0; i < _atEnd.Length; i++)
            {
                _atEnd[i] |= successor._atStart[i];
            }
        }

        ulong[] live = [.. _atEnd];
        Array.ForEach(_written, register => live[register / BitsPerWord] &= ~(1UL << (register % BitsPerWord)));
        Array.ForEach(_read, register => live[register / BitsPerWord] |= 1UL << (register % BitsPerWord));
        bool changed = !live.AsSpan().SequenceEqual(_atStart);
        live.CopyTo(_atStart, 0);
        return changed;
    }

    /// <summary>The registers that are live at the end.</summary>
    public IEnumerable<int> AtEnd()
    {
        for (int i = 0; i < _atEnd.Length; i++)
        {
            for (ulong word = _atEnd[i]; word != 0; word &= word - 1)
            {
                yield return (i * BitsPerWord) + BitOperations.TrailingZeroCount(word);
            }
        }
    }
}
