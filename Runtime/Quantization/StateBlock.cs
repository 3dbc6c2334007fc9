using System.Runtime.CompilerServices;

namespace Requant.Quantization;

/// <summary>One block of one state, open between load and encode.</summary>
public readonly unsafe struct StateBlock
{
    internal readonly byte* Codes;
    internal readonly float* AbsmaxSlot;
    internal readonly float* NewValues;
    internal readonly float OldAbsmax;

    /// <summary>A block of a quantized state.</summary>
    internal StateBlock(byte* codes, float* absmaxSlot, float* newValues)
    {
        Codes = codes;
        AbsmaxSlot = absmaxSlot;
        NewValues = newValues;
        OldAbsmax = *absmaxSlot;
    }

    /// <summary>A block of a state that is not quantized.</summary>
    internal StateBlock(float* values) => NewValues = values;

    /// <summary>Where new values go: float32[block length], scratch memory for a quantized state and the state itself
    /// otherwise.</summary>
    public ref float Values
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref *NewValues;
    }
}
