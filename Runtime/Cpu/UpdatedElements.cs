using System.Runtime.CompilerServices;

namespace Requant.Cpu;

/// <summary>Where in a tile elements were updated, to sixteen elements: enough to tell the blocks that were skipped whole,
/// since blocks begin and end at multiples of 16.</summary>
public struct UpdatedElements
{
    private const int WordBits = 64;

    private Words _words;

    /// <summary>Marks element <paramref name="index"/>, from 0 to <see cref="BlockSizes.Max"/> - 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(nuint index)
    {
        int sixteenth = (int)index / BlockSizes.Min;
        _words[sixteenth / WordBits] |= 1UL << (sixteenth % WordBits);
    }

    /// <summary>Whether any of the elements from <paramref name="start"/> on is marked.</summary>
    /// <param name="start">A multiple of 16.</param>
    /// <param name="count">A multiple of 16, as far as <see cref="BlockSizes.Max"/>.</param>
    public readonly bool AnyIn(int start, int count)
    {
        for (int sixteenth = start / BlockSizes.Min; sixteenth < (start + count) / BlockSizes.Min; sixteenth++)
        {
            if ((_words[sixteenth / WordBits] & (1UL << (sixteenth % WordBits))) != 0)
            {
                return true;
            }
        }

        return false;
    }

    [InlineArray(BlockSizes.Max / BlockSizes.Min / WordBits)]
    private struct Words
    {
        private ulong _first;
    }
}
