using System.Runtime.CompilerServices;
using Requant.Cpu;

namespace Requant.Quantization;

/// <summary>One block of one state, open between load and encode.</summary>
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
        : this(state.Codes + element, state.Absmax + block, newValues, state.IsStochastic, new RandomBytes(element, state.RandomKey))
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
    internal StateBlock(float* values) => NewValues = values;

    /// <summary>A block further on of the same state.</summary>
    /// <param name="elements">Elements from this one's first.</param>
    /// <param name="blocks">Blocks from this one.</param>
    internal StateBlock Skip(int elements, int blocks) => new(
        Codes + elements, AbsmaxSlot + blocks, NewValues + elements, IsStochastic, Random.Skip(elements));

    /// <summary>This block with another one's absmax.</summary>
    /// <param name="blocks">Blocks from this one.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal StateBlock WithAbsmax(uint blocks) => new(Codes, AbsmaxSlot + blocks, NewValues, IsStochastic, Random);

    /// <summary>Where new values go: float32[block length], scratch memory for a quantized state and the state itself
    /// otherwise.</summary>
    public ref float Values
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref *NewValues;
    }
}
