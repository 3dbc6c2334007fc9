using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Requant.Cpu;

namespace Requant.Quantization;

/// <summary><see cref="Codec.DynamicUnsigned"/> on the CPU: bitsandbytes' unsigned dynamic map, the paper's
/// second moment.</summary>
/// <remarks>
/// Block: codes uint8[length], absmax float32[1], the largest magnitude (negative values count too, so that all
/// backends take the same maximum, but are stored as 0). A block whose absmax is below 2^-126 stores absmax 0 and zero
/// codes. Source: arXiv 2110.02861, section 2.2.
/// </remarks>
public readonly struct DynamicUnsignedCodec : IStateCodec
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static StateBlock Open(in KernelArguments tensor, int state, long block, in BlockRange range) =>
        DynamicBlock<UnsignedDynamicMap>.Open(tensor, state, block, range);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Load(in StateBlock block, nuint index) => DynamicBlock<UnsignedDynamicMap>.Load(block, index);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Load128(in StateBlock block, nuint index) =>
        DynamicBlock<UnsignedDynamicMap>.Load128(block, index);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load256(in StateBlock block, nuint index) =>
        DynamicBlock<UnsignedDynamicMap>.Load256(block, index);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load512(in StateBlock block, nuint index) =>
        DynamicBlock<UnsignedDynamicMap>.Load512(block, index);

    /// <inheritdoc/>
    public static void Close(in StateBlock block, int length) =>
        DynamicBlock<UnsignedDynamicMap>.Close(block, length);

    /// <inheritdoc/>
    public static void Close128(in StateBlock block, int length) =>
        DynamicBlock<UnsignedDynamicMap>.Close128(block, length);

    /// <inheritdoc/>
    public static void Close256(in StateBlock block, int length) =>
        DynamicBlock<UnsignedDynamicMap>.Close256(block, length);

    /// <inheritdoc/>
    public static void Close512(in StateBlock block, int length) =>
        DynamicBlock<UnsignedDynamicMap>.Close512(block, length);
}
