using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Requant.Cpu;
using Requant.Quantization;
using Xunit;

namespace Requant.Runtime.Tests.Quantization;

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
    /// <returns>The new codes and absmax; throws if anything around them was written.</returns>
    public static (byte[] Codes, float Absmax) Close<TCodec>(
        Width width, float[] newValues, byte[]? oldCodes = null, float oldAbsmax = 0f)
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
                Close<TCodec>(width, new StateBlock(Pointers(firstCode + Margin, firstAbsmax + 1), 0, 0, values), length);
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

    /// <summary>Old values of all <paramref name="codes"/>; throws if anything behind them was written.</summary>
    public static float[] Load<TCodec>(Width width, byte[] codes, float absmax)
        where TCodec : struct, IStateCodec
    {
        var values = new float[codes.Length + Margin];
        values.AsSpan().Fill(ValueCanary);
        fixed (byte* firstCode = codes)
        fixed (float* value = values)
        {
            var block = new StateBlock(Pointers(firstCode, &absmax), 0, 0, value);
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

    private static StatePointers Pointers(byte* codes, float* absmax) => new() { Codes = codes, Absmax = absmax };
}
