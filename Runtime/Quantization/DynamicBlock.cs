using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Requant.Cpu;

namespace Requant.Quantization;

/// <summary>What the codecs over dynamic maps do with a block; see <see cref="IStateCodec"/>.</summary>
internal static unsafe class DynamicBlock<TMap>
    where TMap : struct, IDynamicMap
{
    private const int InfinityBits = 0x7f800000;

    // 2^-126, the smallest normal number: below it 1 / absmax overflows.
    private const int SmallestAbsmaxBits = 0x00800000;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static StateBlock Open(in KernelArguments tensor, int state, long block, in BlockRange range) =>
        new(tensor.StatePointers[state].Codes + (block * tensor.BlockSize),
            tensor.StatePointers[state].Absmax + block,
            range.ScratchAt(state));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Load(in StateBlock block, nuint index) => TMap.Values[block.Codes[index]] * block.OldAbsmax;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Load128(in StateBlock block, nuint index)
    {
        float* values = TMap.Values;
        byte* codes = block.Codes + index;
        return Vector128.Create(values[codes[0]], values[codes[1]], values[codes[2]], values[codes[3]])
            * block.OldAbsmax;
    }

    // Not a gather: it is no faster on Zen 4, and far slower on Intel processors that guard against CVE-2022-40982.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load256(in StateBlock block, nuint index) =>
        Vector256.Create(Load128(block, index), Load128(block, index + (nuint)Vector128<float>.Count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load512(in StateBlock block, nuint index) =>
        DynamicDecoder512<TMap>.IsSupported
            ? DynamicDecoder512<TMap>.Decode(Vector128.Load(block.Codes + index)) * block.OldAbsmax
            : Vector512.Create(Load256(block, index), Load256(block, index + (nuint)Vector256<float>.Count));

    public static void Close(in StateBlock block, int length)
    {
        if (TryScale(block, length, BlockMaximum.Bits(block.NewValues, length), out float inverse))
        {
            Encode(block.NewValues, block.Codes, length, inverse);
        }
    }

    public static void Close128(in StateBlock block, int length)
    {
        if (TryScale(block, length, BlockMaximum.Bits128(block.NewValues, length), out float inverse))
        {
            Encode(block.NewValues, block.Codes, length, inverse);
        }
    }

    public static void Close256(in StateBlock block, int length)
    {
        if (TryScale(block, length, BlockMaximum.Bits256(block.NewValues, length), out float inverse))
        {
            Encode256(block.NewValues, block.Codes, length, inverse);
        }
    }

    public static void Close512(in StateBlock block, int length)
    {
        if (TryScale(block, length, BlockMaximum.Bits512(block.NewValues, length), out float inverse))
        {
            Encode512(block.NewValues, block.Codes, length, inverse);
        }
    }

    private static void Encode(float* values, byte* codes, int length, float inverse) =>
        TMap.Codebook.Encode(new ReadOnlySpan<float>(values, length), inverse, new Span<byte>(codes, length));

    private static void Encode256(float* values, byte* codes, int length, float inverse)
    {
        if (!DynamicEncoder256<TMap>.IsSupported)
        {
            Encode(values, codes, length, inverse);
            return;
        }

        const int group = DynamicEncoder256<TMap>.Group;
        int i = 0;
        while ((i = DynamicEncoder256<TMap>.EncodeWhileCertain(values, codes, i, length, inverse)) <= length - group)
        {
            Encode(values + i, codes + i, group, inverse);
            i += group;
        }

        if (i < length)
        {
            float* padded = stackalloc float[group];
            byte* paddedCodes = stackalloc byte[group];
            CopyPadded(values + i, length - i, padded, group);
            if (DynamicEncoder256<TMap>.EncodeWhileCertain(padded, paddedCodes, 0, group, inverse) < group)
            {
                Encode(values + i, paddedCodes, length - i, inverse);
            }

            new Span<byte>(paddedCodes, length - i).CopyTo(new Span<byte>(codes + i, length - i));
        }
    }

    private static void Encode512(float* values, byte* codes, int length, float inverse)
    {
        if (!DynamicEncoder512<TMap>.IsSupported)
        {
            Encode256(values, codes, length, inverse);
            return;
        }

        const int group = DynamicEncoder512<TMap>.Group;
        int i = 0;
        while ((i = DynamicEncoder512<TMap>.EncodeWhileCertain(values, codes, i, length, inverse)) <= length - group)
        {
            Encode(values + i, codes + i, group, inverse);
            i += group;
        }

        if (i < length)
        {
            Encode256(values + i, codes + i, length - i, inverse);
        }
    }

    private static void CopyPadded(float* values, int length, float* padded, int paddedLength)
    {
        var target = new Span<float>(padded, paddedLength);
        new Span<float>(values, length).CopyTo(target);
        target[length..].Clear();
    }

    // Stores absmax, given its bits. False where that settles the block's codes too.
    private static bool TryScale(in StateBlock block, int length, int absmaxBits, out float inverse)
    {
        if (absmaxBits >= InfinityBits)
        {
            absmaxBits = KeepOldWhereNotFinite(block, length);
        }

        ReportNegatives(block.NewValues, length);
        if (absmaxBits < SmallestAbsmaxBits)
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
        if (!TMap.IsSigned && new Span<float>(values, length).ContainsAnyInRange(float.MinValue, -float.Epsilon))
        {
            Debug.WriteLine("Requant: a state with an unsigned codec went negative; such values are stored as 0.");
        }
    }
}
