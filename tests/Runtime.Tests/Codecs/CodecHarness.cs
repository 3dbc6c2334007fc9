using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Requant.CompilerServices;

namespace Requant.Runtime.Tests.Codecs;

/// <summary>Vectors that a codec is asked to use.</summary>
public enum Width
{
    Scalar,
    Vector128,
    Vector256,
    Vector512,
}

/// <summary>Theory data of widths.</summary>
public static class Widths
{
    public static TheoryData<Width> All => [Width.Scalar, Width.Vector128, Width.Vector256, Width.Vector512];

    public static TheoryData<Width> Vectors => [Width.Vector128, Width.Vector256, Width.Vector512];
}

/// <summary>How a block's new values are rounded stochastically.</summary>
/// <param name="First">Index of the block's first element.</param>
/// <param name="Key">Key of the state's random bytes.</param>
internal sealed record Randomness(long First, ulong Key);

/// <summary>Runs a codec on one block, in native memory with canaries around it.</summary>
internal static unsafe class CodecHarness
{
    private const int Margin = 64;
    private const byte Canary = 0xA5;
    private const float ValueCanary = -12345.678f;

    /// <summary>Closes a block of <paramref name="newValues"/>.</summary>
    /// <param name="newValues">float32[length].</param>
    /// <param name="oldCodes">uint8[length], or null for zeros.</param>
    /// <param name="oldAbsmax">The block's absmax so far.</param>
    /// <param name="randomness">For stochastic rounding; null for nearest codes.</param>
    /// <returns>The new codes and absmax; throws if anything around them was written.</returns>
    public static (byte[] Codes, float Absmax) Close<TCodec>(
        Width width, float[] newValues, byte[]? oldCodes = null, float oldAbsmax = 0f, Randomness? randomness = null)
        where TCodec : struct, IStateCodec
    {
        int length = newValues.Length;
        nuint bytes = (nuint)(length + Margin) * sizeof(float);
        float* values = (float*)NativeMemory.AlignedAlloc(bytes, 64);
        byte[] codes = new byte[length + (2 * Margin)];
        float[] absmax = [ValueCanary, oldAbsmax, ValueCanary];
        try
        {
            new Span<float>(values, length + Margin).Fill(ValueCanary);
            newValues.CopyTo(new Span<float>(values, length));
            codes.AsSpan().Fill(Canary);
            (oldCodes ?? new byte[length]).CopyTo(codes.AsSpan(Margin));
            fixed (byte* firstCode = codes)
            fixed (float* firstAbsmax = absmax)
            {
                Close<TCodec>(width, Block(firstCode + Margin, firstAbsmax + 1, values, randomness), length);
            }

            bool intact = !codes.AsSpan(0, Margin).ContainsAnyExcept(Canary)
                && !codes.AsSpan(Margin + length).ContainsAnyExcept(Canary)
                && !new Span<float>(values + length, Margin).ContainsAnyExcept(ValueCanary)
                && absmax[0] == ValueCanary && absmax[2] == ValueCanary;
            return intact
                ? (codes[Margin..(Margin + length)], absmax[1])
                : throw new InvalidOperationException($"{width} wrote outside of a block of {length}.");
        }
        finally
        {
            NativeMemory.AlignedFree(values);
        }
    }

    /// <summary><see cref="Close{TCodec}"/> of a codec by name, without old codes.</summary>
    public static (byte[] Codes, float Absmax) Close(
        Codec codec, Width width, float[] newValues, Randomness? randomness = null) => codec switch
    {
        Codec.Dynamic => Close<DynamicCodec>(width, newValues, randomness: randomness),
        Codec.DynamicUnsigned => Close<DynamicUnsignedCodec>(width, newValues, randomness: randomness),
        Codec.MiniFloat => Close<MiniFloatCodec>(width, newValues, randomness: randomness),
        Codec.MiniFloatUnsigned => Close<MiniFloatUnsignedCodec>(width, newValues, randomness: randomness),
        Codec.Linear => Close<LinearCodec>(width, newValues, randomness: randomness),
        Codec.LinearUnsigned => Close<LinearUnsignedCodec>(width, newValues, randomness: randomness),
        Codec.SoftSign => Close<SoftSignCodec>(width, newValues, randomness: randomness),
        Codec.SquareRoot => Close<SquareRootCodec>(width, newValues, randomness: randomness),
        Codec.Float8E4M3 => Close<Float8E4M3Codec>(width, newValues, randomness: randomness),
        _ => throw new ArgumentOutOfRangeException(nameof(codec), codec, null),
    };

    /// <summary>Old values of all <paramref name="codes"/>; throws if anything behind them was written.</summary>
    public static float[] Load<TCodec>(Width width, byte[] codes, float absmax)
        where TCodec : struct, IStateCodec
    {
        var values = new float[codes.Length + Margin];
        values.AsSpan().Fill(ValueCanary);
        fixed (byte* firstCode = codes)
        fixed (float* value = values)
        {
            StateBlock block = Block(firstCode, &absmax, value, null);
            switch (width)
            {
                case Width.Vector128: TCodec.Decode128(block, codes.Length); break;
                case Width.Vector256: TCodec.Decode256(block, codes.Length); break;
                case Width.Vector512: TCodec.Decode512(block, codes.Length); break;
                default:
                    for (int i = 0; i < codes.Length; i++)
                    {
                        value[i] = TCodec.Load(block, (nuint)i);
                    }

                    break;
            }
        }

        return values.AsSpan(codes.Length).ContainsAnyExcept(ValueCanary)
            ? throw new InvalidOperationException($"{width} wrote outside of a block of {codes.Length}.")
            : values[..codes.Length];
    }

    /// <summary><see cref="Load{TCodec}"/> of a codec by name.</summary>
    public static float[] Load(Codec codec, Width width, byte[] codes, float absmax) => codec switch
    {
        Codec.Dynamic => Load<DynamicCodec>(width, codes, absmax),
        Codec.DynamicUnsigned => Load<DynamicUnsignedCodec>(width, codes, absmax),
        Codec.MiniFloat => Load<MiniFloatCodec>(width, codes, absmax),
        Codec.MiniFloatUnsigned => Load<MiniFloatUnsignedCodec>(width, codes, absmax),
        _ => throw new ArgumentOutOfRangeException(nameof(codec), codec, null),
    };

    private static void Close<TCodec>(Width width, in StateBlock block, int length)
        where TCodec : struct, IStateCodec
    {
        switch (width)
        {
            case Width.Scalar: TCodec.Close(block, length); break;
            case Width.Vector128: TCodec.Close128(block, length); break;
            case Width.Vector256: TCodec.Close256(block, length); break;
            default: TCodec.Close512(block, length); break;
        }
    }

    // A state begins where a block of it that is not the first one says.
    private static StateBlock Block(byte* codes, float* absmax, float* values, Randomness? randomness)
    {
        long first = randomness?.First ?? 0;
        var state = new StatePointers
        {
            Codes = codes - first,
            Absmax = absmax,
            IsStochastic = randomness is not null,
            RandomKey = randomness?.Key ?? 0,
        };
        return new StateBlock(state, first, 0, values);
    }
}
