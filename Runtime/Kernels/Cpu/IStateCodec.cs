using System.ComponentModel;
using System.Runtime.Intrinsics;

namespace Requant.CompilerServices;

/// <summary>How generated CPU kernels read and write one block of one state. Implementations are empty structs, so that
/// the compiler specialises each kernel for the codecs of its states.</summary>
/// <remarks>
/// A scalar kernel opens a block, loads old values, stores new ones to <see cref="StateBlock.Values"/>, then closes the
/// block. A vector kernel has all old values decoded to that place, which it overwrites, and can find absmax on the
/// way: lane by lane the largest magnitude so far, see <see cref="LargestMagnitude"/>.
/// Until it is closed the old codes and absmax, or old values, stay as they are: an element whose new states are not
/// finite is skipped whole. Closing finds the block's absmax and encodes. The four widths of each operation give the
/// same bits; the one without a number is the definition. Under <see cref="NonFinitePolicy.Propagate"/> alone values
/// that are not finite are closed; in a quantized block the element's old value takes their place, so that one overflow
/// cannot spoil the block.
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public interface IStateCodec
{
    /// <summary>Opens one block of one state.</summary>
    /// <param name="tensor">The tensor, with its states. Quantized: codes: uint8[n]; absmax: float32[ceil(n/B)].
    /// Otherwise values: float32[n].</param>
    /// <param name="state">Number of the state, from 0 to <see cref="KernelArguments.MaxStates"/> - 1.</param>
    /// <param name="block">Number of the block, from 0 to ceil(n/B) - 1; its elements are from block * B on.</param>
    /// <param name="range">Holds the calling thread's scratch memory, where new values wait for <see cref="Close"/>:
    /// float32[B] per state.</param>
    static abstract StateBlock Open(in KernelArguments tensor, int state, long block, in BlockRange range);

    /// <summary>Old value of element <paramref name="index"/> of the block.</summary>
    static abstract float Load(in StateBlock block, nuint index);

    /// <summary>Puts the old values of the block's <paramref name="length"/> elements into
    /// <see cref="StateBlock.Values"/>, with vectors of 4.</summary>
    static abstract void Decode128(in StateBlock block, int length);

    /// <summary>Puts the old values of the block's <paramref name="length"/> elements into
    /// <see cref="StateBlock.Values"/>, with vectors of 8.</summary>
    static abstract void Decode256(in StateBlock block, int length);

    /// <summary>Puts the old values of the block's <paramref name="length"/> elements into
    /// <see cref="StateBlock.Values"/>, with vectors of 16.</summary>
    static abstract void Decode512(in StateBlock block, int length);

    /// <summary>Encodes the block's <paramref name="length"/> new values.</summary>
    static abstract void Close(in StateBlock block, int length);

    /// <summary><see cref="Close"/> with vectors of 4.</summary>
    static abstract void Close128(in StateBlock block, int length);

    /// <summary><see cref="Close"/> with vectors of 8.</summary>
    static abstract void Close256(in StateBlock block, int length);

    /// <summary><see cref="Close"/> with vectors of 16.</summary>
    static abstract void Close512(in StateBlock block, int length);

    /// <summary><see cref="Close128(in StateBlock, int)"/>, given the largest magnitudes in each lane of the block's
    /// whole vectors.</summary>
    static abstract void Close128(StateBlock block, int length, Vector128<int> absmax);

    /// <summary><see cref="Close256(in StateBlock, int)"/>, given the largest magnitudes in each lane of the block's
    /// whole vectors.</summary>
    static abstract void Close256(StateBlock block, int length, Vector256<int> absmax);

    /// <summary><see cref="Close512(in StateBlock, int)"/>, given the largest magnitudes in each lane of the block's
    /// whole vectors.</summary>
    static abstract void Close512(StateBlock block, int length, Vector512<int> absmax);
}
