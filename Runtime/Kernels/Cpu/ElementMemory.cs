using System.Runtime.CompilerServices;
using Requant.Numerics;

namespace Requant.CompilerServices;

/// <summary>The elements of one tensor, which kernels see block by block as float32.</summary>
internal unsafe struct ElementMemory
{
    private readonly void* _elements;
    private readonly ElementConverter _converter;
    private readonly float _scale;
    private readonly bool _isDirect;
    private StochasticNarrowing _stochastic;
    private ulong _key;
    private short* _remainders;
    private RemainderConverter _remainderConverter;

    /// <param name="elements">Address of the first one.</param>
    /// <param name="converter">Between their type and float32.</param>
    /// <param name="scale">What every element is multiplied by when a block is opened. For memory that is only read:
    /// closing a block does not divide.</param>
    public ElementMemory(nint elements, ElementConverter converter, float scale = 1f)
    {
        _elements = (void*)elements;
        _converter = converter;
        _scale = scale;
        _isDirect = converter.IsIdentity && scale == 1f;
    }

    /// <summary>These bfloat16 elements, rounded stochastically when a block is closed.</summary>
    /// <param name="narrowing">Of the kernels' width.</param>
    /// <param name="key">Of the tensor and step.</param>
    public readonly ElementMemory Rounding(StochasticNarrowing narrowing, ulong key) =>
        this with { _stochastic = narrowing, _key = key };

    /// <summary>These bfloat16 elements, with the remainders that make them float32.</summary>
    /// <param name="remainders">int16[n].</param>
    /// <param name="converter">Of the kernels' width.</param>
    public readonly ElementMemory WithRemainders(short* remainders, RemainderConverter converter) =>
        this with { _remainders = remainders, _remainderConverter = converter };

    /// <summary>The elements themselves where they are float32 and not scaled, their values in scratch memory
    /// otherwise.</summary>
    /// <param name="first">Position in the tensor.</param>
    /// <param name="length">Elements of the block.</param>
    /// <param name="scratch">float32[<see cref="BlockSizes.Max"/>] of the calling thread.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly float* Open(long first, int length, float* scratch) =>
        _isDirect ? (float*)_elements + first : Copy(first, length, scratch);

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

    /// <summary>Takes back what a kernel wrote to the block that <see cref="Open"/> gave; 16-bit elements are still
    /// as they were.</summary>
    /// <param name="first">As for <see cref="Open"/>.</param>
    /// <param name="length">As for <see cref="Open"/>.</param>
    /// <param name="old">float32[<paramref name="length"/>]: the values of float32 elements before.</param>
    public readonly void Restore(long first, int length, float* old)
    {
        if (_isDirect)
        {
            new ReadOnlySpan<float>(old, length).CopyTo(new Span<float>((float*)_elements + first, length));
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private readonly float* Copy(long first, int length, float* scratch)
    {
        float* source = (float*)_elements + first;
        if (_remainders is not null)
        {
            _remainderConverter.Join((ushort*)_elements + first, _remainders + first, scratch, length);
            source = scratch;
        }
        else if (!_converter.IsIdentity)
        {
            _converter.Widen((ushort*)_elements + first, scratch, length);
            source = scratch;
        }

        if (_scale != 1f)
        {
            Gradients.Scale(source, scratch, length, _scale);
        }

        return scratch;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private readonly void Narrow(long first, int length, float* scratch)
    {
        if (_remainders is not null)
        {
            _remainderConverter.Split(scratch, (ushort*)_elements + first, _remainders + first, length);
        }
        else if (_stochastic.IsUsed)
        {
            _stochastic.Narrow(scratch, (ushort*)_elements + first, length, first, _key);
        }
        else
        {
            _converter.Narrow(scratch, (ushort*)_elements + first, length);
        }
    }
}
