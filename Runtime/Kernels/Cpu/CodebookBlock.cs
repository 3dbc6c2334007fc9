using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Requant.Codecs;
using Requant.Codecs.Blocks;

namespace Requant.CompilerServices;

/// <summary>What the codecs over a codebook do with a block; see <see cref="IStateCodec"/>.</summary>
internal static unsafe class CodebookBlock<TMap>
    where TMap : struct, ICodebookMap
{
    private const int InfinityBits = 0x7f800000;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static StateBlock Open(in KernelArguments tensor, int state, long block, in BlockRange range) =>
        new(in tensor.StatePointers[state], block * tensor.BlockSize, block, range.ScratchAt(state));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Load(in StateBlock block, nuint index) => TMap.Decode(block.Codes[index], block.OldAbsmax);

    public static void Close(in StateBlock block, int length)
    {
        if (TryScale(block, length, BlockMaximum.Bits(block.NewValues, length), out float inverse))
        {
            if (block.IsStochastic)
            {
                TMap.EncodeStochastic(SimdWidth.Scalar, block.NewValues, block.Codes, length, inverse, block.Random);
                return;
            }

            Encode(block.NewValues, block.Codes, length, inverse);
        }
    }

    public static void Close128(in StateBlock block, int length)
    {
        if (TryScale(block, length, BlockMaximum.Bits128(block.NewValues, length), out float inverse))
        {
            Encode128(block, length, inverse);
        }
    }

    public static void Close256(in StateBlock block, int length)
    {
        if (TryScale(block, length, BlockMaximum.Bits256(block.NewValues, length), out float inverse))
        {
            Encode256(block, length, inverse);
        }
    }

    public static void Close512(in StateBlock block, int length)
    {
        if (TryScale(block, length, BlockMaximum.Bits512(block.NewValues, length), out float inverse))
        {
            Encode512(block, length, inverse);
        }
    }

    public static void Close128(StateBlock block, int length, Vector128<int> absmax)
    {
        if (TryScale(block, length, BlockMaximum.Bits(block.NewValues, length, absmax), out float inverse))
        {
            Encode128(block, length, inverse);
        }
    }

    public static void Close256(StateBlock block, int length, Vector256<int> absmax)
    {
        if (TryScale(block, length, BlockMaximum.Bits(block.NewValues, length, absmax), out float inverse))
        {
            Encode256(block, length, inverse);
        }
    }

    public static void Close512(StateBlock block, int length, Vector512<int> absmax)
    {
        if (TryScale(block, length, BlockMaximum.Bits(block.NewValues, length, absmax), out float inverse))
        {
            Encode512(block, length, inverse);
        }
    }

    /// <summary>Encodes one element at a time: the definition.</summary>
    public static void Encode(float* values, byte* codes, int length, float inverse) =>
        TMap.Codebook.Encode(new ReadOnlySpan<float>(values, length), inverse, new Span<byte>(codes, length));

    private static void Encode128(in StateBlock block, int length, float inverse)
    {
        if (block.IsStochastic)
        {
            TMap.EncodeStochastic(SimdWidth.Vector128, block.NewValues, block.Codes, length, inverse, block.Random);
            return;
        }

        TMap.Encode128(block.NewValues, block.Codes, length, inverse);
    }

    private static void Encode256(in StateBlock block, int length, float inverse)
    {
        if (block.IsStochastic)
        {
            TMap.EncodeStochastic(SimdWidth.Vector256, block.NewValues, block.Codes, length, inverse, block.Random);
            return;
        }

        TMap.Encode256(block.NewValues, block.Codes, length, inverse);
    }

    private static void Encode512(in StateBlock block, int length, float inverse)
    {
        if (block.IsStochastic)
        {
            TMap.EncodeStochastic(SimdWidth.Vector512, block.NewValues, block.Codes, length, inverse, block.Random);
            return;
        }

        TMap.Encode512(block.NewValues, block.Codes, length, inverse);
    }

    // Stores absmax, given its bits. False where that settles the block's codes too.
    private static bool TryScale(in StateBlock block, int length, int absmaxBits, out float inverse)
    {
        if (absmaxBits >= InfinityBits)
        {
            absmaxBits = KeepOldWhereNotFinite(block, length);
        }

        ReportNegatives(block.NewValues, length);
        if (absmaxBits < SmallestAbsmax.Bits)
        {
            *block.AbsmaxSlot = 0f;
            new Span<byte>(block.Codes, length).Fill(TMap.Codebook.ZeroCode);
            inverse = 0f;
            return false;
        }

        float absmax = BitConverter.Int32BitsToSingle(absmaxBits);
        *block.AbsmaxSlot = absmax;
        inverse = 1f / absmax;
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int KeepOldWhereNotFinite(in StateBlock block, int length)
    {
        for (int i = 0; i < length; i++)
        {
            if (!float.IsFinite(block.NewValues[i]))
            {
                block.NewValues[i] = Load(block, (nuint)i);
            }
        }

        return BlockMaximum.Bits(block.NewValues, length);
    }

    [Conditional("DEBUG")]
    private static void ReportNegatives(float* values, int length)
    {
        if (TMap.Codebook.IsUnsigned
            && new Span<float>(values, length).ContainsAnyInRange(float.MinValue, -float.Epsilon))
        {
            Debug.WriteLine("Requant: a state with an unsigned codec went negative; such values are stored as 0.");
        }
    }
}
