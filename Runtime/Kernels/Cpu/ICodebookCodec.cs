using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Requant.Codecs;
using Requant.Codecs.Blocks;

namespace Requant.CompilerServices;

/// <summary>A codec over a codebook. What such codecs do with a block is in <see cref="CodebookBlock{TMap}"/>; they
/// differ in nothing but the map.</summary>
/// <typeparam name="TMap">The codebook.</typeparam>
internal unsafe interface ICodebookCodec<TMap> : IStateCodec
    where TMap : struct, ICodebookMap
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static StateBlock IStateCodec.Open(in KernelArguments tensor, int state, long block, in BlockRange range) =>
        CodebookBlock<TMap>.Open(tensor, state, block, range);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static float IStateCodec.Load(in StateBlock block, nuint index) => CodebookBlock<TMap>.Load(block, index);

    static void IStateCodec.Decode128(in StateBlock block, int length)
    {
        CachePrefetch.Ahead(block.Codes, length);
        TMap.Decode128(block.Codes, block.NewValues, length, block.OldAbsmax);
    }

    static void IStateCodec.Decode256(in StateBlock block, int length)
    {
        CachePrefetch.Ahead(block.Codes, length);
        TMap.Decode256(block.Codes, block.NewValues, length, block.OldAbsmax);
    }

    static void IStateCodec.Decode512(in StateBlock block, int length)
    {
        CachePrefetch.Ahead(block.Codes, length);
        TMap.Decode512(block.Codes, block.NewValues, length, block.OldAbsmax);
    }

    static void IStateCodec.Close(in StateBlock block, int length) => CodebookBlock<TMap>.Close(block, length);

    static void IStateCodec.Close128(in StateBlock block, int length) => CodebookBlock<TMap>.Close128(block, length);

    static void IStateCodec.Close256(in StateBlock block, int length) => CodebookBlock<TMap>.Close256(block, length);

    static void IStateCodec.Close512(in StateBlock block, int length) => CodebookBlock<TMap>.Close512(block, length);

    static void IStateCodec.Close128(StateBlock block, int length, Vector128<int> absmax) =>
        CodebookBlock<TMap>.Close128(block, length, absmax);

    static void IStateCodec.Close256(StateBlock block, int length, Vector256<int> absmax) =>
        CodebookBlock<TMap>.Close256(block, length, absmax);

    static void IStateCodec.Close512(StateBlock block, int length, Vector512<int> absmax) =>
        CodebookBlock<TMap>.Close512(block, length, absmax);
}
