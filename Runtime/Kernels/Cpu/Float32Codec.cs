using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Requant.CompilerServices;

/// <summary>A state that is not quantized: new values wait in scratch memory, as those of others do, and closing
/// copies them.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly unsafe struct Float32Codec : IStateCodec
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static StateBlock Open(in KernelArguments tensor, int state, long block, in BlockRange range) =>
        new(tensor.StatePointers[state].Values + (block * tensor.BlockSize), range.ScratchAt(state));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Load(in StateBlock block, nuint index) => block.OldValues[index];

    /// <inheritdoc/>
    public static void Decode128(in StateBlock block, int length) => Copy(block.OldValues, block.NewValues, length);

    /// <inheritdoc/>
    public static void Decode256(in StateBlock block, int length) => Copy(block.OldValues, block.NewValues, length);

    /// <inheritdoc/>
    public static void Decode512(in StateBlock block, int length) => Copy(block.OldValues, block.NewValues, length);

    /// <inheritdoc/>
    public static void Close(in StateBlock block, int length) => Copy(block.NewValues, block.OldValues, length);

    /// <inheritdoc/>
    public static void Close128(in StateBlock block, int length) => Copy(block.NewValues, block.OldValues, length);

    /// <inheritdoc/>
    public static void Close256(in StateBlock block, int length) => Copy(block.NewValues, block.OldValues, length);

    /// <inheritdoc/>
    public static void Close512(in StateBlock block, int length) => Copy(block.NewValues, block.OldValues, length);

    /// <inheritdoc/>
    public static void Close128(StateBlock block, int length, Vector128<int> absmax) =>
        Copy(block.NewValues, block.OldValues, length);

    /// <inheritdoc/>
    public static void Close256(StateBlock block, int length, Vector256<int> absmax) =>
        Copy(block.NewValues, block.OldValues, length);

    /// <inheritdoc/>
    public static void Close512(StateBlock block, int length, Vector512<int> absmax) =>
        Copy(block.NewValues, block.OldValues, length);

    private static void Copy(float* source, float* target, int length) =>
        new ReadOnlySpan<float>(source, length).CopyTo(new Span<float>(target, length));
}
