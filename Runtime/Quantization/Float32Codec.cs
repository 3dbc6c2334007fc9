using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Requant.Cpu;

namespace Requant.Quantization;

/// <summary>A state that is not quantized: loads and stores go to the state itself, and closing does nothing.</summary>
public readonly unsafe struct Float32Codec : IStateCodec
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static StateBlock Open(in KernelArguments tensor, int state, long block, in BlockRange range) =>
        new(null, null, tensor.StatePointers[state].Values + (block * tensor.BlockSize));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Load(in StateBlock block, nuint index) => block.NewValues[index];

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Load128(in StateBlock block, nuint index) => Vector128.Load(block.NewValues + index);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load256(in StateBlock block, nuint index) => Vector256.Load(block.NewValues + index);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load512(in StateBlock block, nuint index) => Vector512.Load(block.NewValues + index);

    /// <inheritdoc/>
    public static void Close(in StateBlock block, int length)
    {
    }

    /// <inheritdoc/>
    public static void Close128(in StateBlock block, int length)
    {
    }

    /// <inheritdoc/>
    public static void Close256(in StateBlock block, int length)
    {
    }

    /// <inheritdoc/>
    public static void Close512(in StateBlock block, int length)
    {
    }
}
