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
        new(tensor.StatePointers[state].Values + (block * tensor.BlockSize));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Load(in StateBlock block, nuint index) => block.NewValues[index];

    /// <inheritdoc/>
    public static void Decode128(in StateBlock block, int length)
    {
    }

    /// <inheritdoc/>
    public static void Decode256(in StateBlock block, int length)
    {
    }

    /// <inheritdoc/>
    public static void Decode512(in StateBlock block, int length)
    {
    }

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

    /// <inheritdoc/>
    public static void Close128(StateBlock block, int length, Vector128<int> absmax)
    {
    }

    /// <inheritdoc/>
    public static void Close256(StateBlock block, int length, Vector256<int> absmax)
    {
    }

    /// <inheritdoc/>
    public static void Close512(StateBlock block, int length, Vector512<int> absmax)
    {
    }
}
