using System.Runtime.CompilerServices;
using Requant.Codecs;
using Requant.Numerics;

namespace Requant.CompilerServices;

/// <summary>The random bytes of <see cref="RandomBytes"/> on devices. For use inside kernels.</summary>
internal static class DeviceRandomBytes
{
    private const int ElementsOfWord = RandomBytes.ElementsOfWord;

    /// <summary>The bytes of four elements, the first lowest.</summary>
    /// <param name="state">Has the key.</param>
    /// <param name="four">Number of the four in the tensor; its high half is 0.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint OfFour(DeviceState state, uint four) => RandomPairs.Word(four ^ state.LowerKey, state.UpperKey);

    /// <summary>The byte of one element.</summary>
    /// <param name="state">Has the key.</param>
    /// <param name="element">Position in the tensor.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Of(DeviceState state, long element)
    {
        long four = element / ElementsOfWord;
        uint upper = RandomPairs.Spread((uint)(four >> 32));
        uint word = RandomPairs.Word((uint)four ^ state.LowerKey ^ upper, state.UpperKey ^ upper);
        return (word >> (8 * (int)(element & (ElementsOfWord - 1)))) & byte.MaxValue;
    }
}
