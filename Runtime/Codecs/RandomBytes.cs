using System.Runtime.CompilerServices;
using Requant.Numerics;

namespace Requant.Codecs;

/// <summary>Random bytes of a state's elements in one step: a word of <see cref="RandomPairs"/> for each four
/// neighbours, the first of which has its lowest byte. Checkpoints rest on every number here.</summary>
/// <param name="first">Index in the tensor of the element that is counted from; a multiple of 4.</param>
/// <param name="key">From <see cref="RoundingKey.OfState"/>.</param>
internal readonly struct RandomBytes(long first, ulong key)
{
    /// <summary>Elements that share a word.</summary>
    public const int ElementsOfWord = 4;

    /// <summary>Bits of an index whose fours' numbers have one high half.</summary>
    private const int UpperShift = 34;

    /// <summary>The byte of element <paramref name="index"/> from the first on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte At(int index) => (byte)(WordAt(index) >> (8 * (index & (ElementsOfWord - 1))));

    /// <summary>The bytes of the four elements of which <paramref name="index"/> is one, the first lowest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint WordAt(int index)
    {
        RandomBytes here = Skip(index & ~(ElementsOfWord - 1));
        return RandomPairs.Word(here.LowerNumber, here.UpperKey);
    }

    /// <summary>Number of the first four, exclusive or the key's low half.</summary>
    public uint LowerNumber
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (uint)(first / ElementsOfWord) ^ LowerKey;
    }

    /// <summary>Number of the first four.</summary>
    public uint Number
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (uint)(first / ElementsOfWord);
    }

    /// <summary>Lower half of the key of the first four and of all up to <see cref="LengthOfKey"/>.</summary>
    public uint LowerKey
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (uint)key ^ Upper;
    }

    /// <summary>Upper half of it.</summary>
    public uint UpperKey
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (uint)(key >> 32) ^ Upper;
    }

    /// <summary>Elements from the first on that have its key: vectors take one key for all.</summary>
    public long LengthOfKey => (((first >> UpperShift) + 1) << UpperShift) - first;

    private uint Upper
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => RandomPairs.Spread((uint)(first >> UpperShift));
    }

    /// <summary>Those from <paramref name="elements"/> on.</summary>
    /// <param name="elements">A multiple of 4.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public RandomBytes Skip(long elements) => new(first + elements, key);
}
