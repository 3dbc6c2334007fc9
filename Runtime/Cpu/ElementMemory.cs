using System.Runtime.CompilerServices;

namespace Requant.Cpu;

/// <summary>The elements of one tensor, which kernels see block by block as float32.</summary>
internal unsafe struct ElementMemory
{
    private readonly void* _elements;
    private readonly ElementConverter _converter;

    public ElementMemory(nint elements, ElementConverter converter)
    {
        _elements = (void*)elements;
        _converter = converter;
    }

    /// <summary>The elements themselves where they are float32, their values in scratch memory otherwise.</summary>
    /// <param name="first">Position in the tensor.</param>
    /// <param name="length">Elements of the block.</param>
    /// <param name="scratch">float32[<see cref="BlockSizes.Max"/>] of the calling thread.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly float* Open(long first, int length, float* scratch) =>
        _converter.IsIdentity ? (float*)_elements + first : Widen(first, length, scratch);

    /// <summary>Takes over what a kernel wrote to the block that <see cref="Open"/> gave.</summary>
    /// <param name="first">As for <see cref="Open"/>.</param>
    /// <param name="length">As for <see cref="Open"/>.</param>
    /// <param name="scratch">As for <see cref="Open"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Close(long first, int length, float* scratch)
    {
        if (!_converter.IsIdentity)
        {
            Narrow(first, length, scratch);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private readonly float* Widen(long first, int length, float* scratch)
    {
        _converter.Widen((ushort*)_elements + first, scratch, length);
        return scratch;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private readonly void Narrow(long first, int length, float* scratch) =>
        _converter.Narrow(scratch, (ushort*)_elements + first, length);
}
