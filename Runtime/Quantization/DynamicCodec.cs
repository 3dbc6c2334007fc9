using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Requant.Cpu;

namespace Requant.Quantization;

/// <summary><see cref="Codec.Dynamic"/> on the CPU: bitsandbytes' signed dynamic map, the paper's first
/// moment.</summary>
/// <remarks>
/// Block: codes uint8[length], absmax float32[1], the largest magnitude. A block whose absmax is below 2^-126 stores
/// absmax 0 and zero codes. Source: arXiv 2110.02861, section 1.3.
/// </remarks>
public readonly struct DynamicCodec : IStateCodec
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static StateBlock Open(in KernelArguments tensor, int state, long block, in BlockRange range) =>
        DynamicBlock<SignedDynamicMap>.Open(tensor, state, block, range);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Load(in StateBlock block, nuint index) => DynamicBlock<SignedDynamicMap>.Load(block, index);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Load128(in StateBlock block, nuint index) =>
        DynamicBlock<SignedDynamicMap>.Load128(block, index);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load256(in StateBlock block, nuint index) =>
        DynamicBlock<SignedDynamicMap>.Load256(block, index);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load512(in StateBlock block, nuint index) =>
        DynamicBlock<SignedDynamicMap>.Load512(block, index);

    /// <inheritdoc/>
    public static void Close(in StateBlock block, int length) =>
        DynamicBlock<SignedDynamicMap>.Close(block, length);

    /// <inheritdoc/>
    public static void Close128(in StateBlock block, int length) =>
        DynamicBlock<SignedDynamicMap>.Close128(block, length);

    /// <inheritdoc/>
    public static void Close256(in StateBlock block, int length) =>
        DynamicBlock<SignedDynamicMap>.Close256(block, length);

    /// <inheritdoc/>
    public static void Close512(in StateBlock block, int length) =>
        DynamicBlock<SignedDynamicMap>.Close512(block, length);
}
