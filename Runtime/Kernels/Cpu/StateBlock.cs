using System.ComponentModel;
using System.Runtime.CompilerServices;
using Requant.Codecs;

namespace Requant.CompilerServices;

/// <summary>One block of one state, open between load and encode.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly unsafe struct StateBlock
{
    internal readonly byte* Codes;
    internal readonly float* AbsmaxSlot;
    internal readonly float* NewValues;
    internal readonly float OldAbsmax;
    internal readonly bool IsStochastic;
    internal readonly RandomBytes Random;

    /// <summary>A block of a quantized state.</summary>
    /// <param name="state">The state.</param>
    /// <param name="element">Its first element.</param>
    /// <param name="block">Its number.</param>
    /// <param name="newValues">Scratch memory.</param>
    internal StateBlock(in StatePointers state, long element, long block, float* newValues)
        : this(
            state.Codes + element, state.Absmax + block, newValues, state.IsStochastic,
            new RandomBytes(element, state.RandomKey))
    {
    }

    private StateBlock(byte* codes, float* absmaxSlot, float* newValues, bool isStochastic, RandomBytes random)
    {
        Codes = codes;
        AbsmaxSlot = absmaxSlot;
        NewValues = newValues;
        OldAbsmax = *absmaxSlot;
        IsStochastic = isStochastic;
        Random = random;
    }

    /// <summary>A block of a state that is not quantized.</summary>
    /// <param name="oldValues">The state itself.</param>
    /// <param name="newValues">Scratch memory.</param>
    internal StateBlock(float* oldValues, float* newValues)
    {
        Codes = (byte*)oldValues;
        NewValues = newValues;
    }

    /// <summary>The values of a state that is not quantized.</summary>
    internal float* OldValues
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (float*)Codes;
    }

    /// <summary>Where new values go: float32[block length], scratch memory.</summary>
    public ref float Values
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref *NewValues;
    }
}
