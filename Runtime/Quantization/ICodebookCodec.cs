using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Requant.Cpu;

namespace Requant.Quantization;

/// <summary>A codec over a codebook. What such codecs do with a block is in <see cref="CodebookBlock{TMap}"/>; they differ
/// in nothing but the map.</summary>
/// <typeparam name="TMap">The codebook.</typeparam>
internal interface ICodebookCodec<TMap> : IStateCodec
    where TMap : struct, ICodebookMap
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static StateBlock IStateCodec.Open(in KernelArguments tensor, int state, long block, in BlockRange range) =>
        CodebookBlock<TMap>.Open(tensor, state, block, range);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static float IStateCodec.Load(in StateBlock block, nuint index) => CodebookBlock<TMap>.Load(block, index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector128<float> IStateCodec.Load128(in StateBlock block, nuint index) =>
        CodebookBlock<TMap>.Load128(block, index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<float> IStateCodec.Load256(in StateBlock block, nuint index) =>
        CodebookBlock<TMap>.Load256(block, index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector512<float> IStateCodec.Load512(in StateBlock block, nuint index) =>
        CodebookBlock<TMap>.Load512(block, index);

    static void IStateCodec.Close(in StateBlock block, int length) => CodebookBlock<TMap>.Close(block, length);

    static void IStateCodec.Close128(in StateBlock block, int length) => CodebookBlock<TMap>.Close128(block, length);

    static void IStateCodec.Close256(in StateBlock block, int length) => CodebookBlock<TMap>.Close256(block, length);

    static void IStateCodec.Close512(in StateBlock block, int length) => CodebookBlock<TMap>.Close512(block, length);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector128<int> IStateCodec.Store128(in StateBlock block, nuint index, Vector128<float> values, Vector128<int> absmax) =>
        CodebookBlock<TMap>.Store(block, index, values, absmax);

    static void IStateCodec.Close128(StateBlock block, int length, Vector128<int> absmax) =>
        CodebookBlock<TMap>.Close128(block, length, absmax);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<int> IStateCodec.Store256(in StateBlock block, nuint index, Vector256<float> values, Vector256<int> absmax) =>
        CodebookBlock<TMap>.Store(block, index, values, absmax);

    static void IStateCodec.Close256(StateBlock block, int length, Vector256<int> absmax) =>
        CodebookBlock<TMap>.Close256(block, length, absmax);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector512<int> IStateCodec.Store512(in StateBlock block, nuint index, Vector512<float> values, Vector512<int> absmax) =>
        CodebookBlock<TMap>.Store(block, index, values, absmax);

    static void IStateCodec.Close512(StateBlock block, int length, Vector512<int> absmax) =>
        CodebookBlock<TMap>.Close512(block, length, absmax);
}
