using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Requant.Codecs.MiniFloats;

/// <summary>Decodes blocks as <see cref="MiniFloatFormat"/> says, 16 elements at a time.</summary>
/// <remarks>The high half of a value's bits is <c>(magnitude + C) &lt;&lt; 4</c>.</remarks>
internal static unsafe class MiniFloatDecoder128<TMap>
    where TMap : struct, IMiniFloatMap
{
    private const int Group = 16;

    /// <summary>Decodes whole groups.</summary>
    /// <returns>Where the rest begins, less than a group.</returns>
    public static int Decode(byte* codes, float* values, int length, float absmax)
    {
        Vector128<float> scale = Vector128.Create(absmax);
        int i = 0;
        for (; i <= length - Group; i += Group)
        {
            (Vector128<ushort> first, Vector128<ushort> second) = Widen(Vector128.Load(codes + i));
            (Vector128<float> a, Vector128<float> b) = Values(UpperHalves(first));
            (Vector128<float> c, Vector128<float> d) = Values(UpperHalves(second));
            (a * scale).Store(values + i);
            (b * scale).Store(values + i + 4);
            (c * scale).Store(values + i + 8);
            (d * scale).Store(values + i + 12);
        }

        return i;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ushort> UpperHalves(Vector128<ushort> codes)
    {
        if (TMap.IsUnsigned)
        {
            return WithOrigin(codes, MiniFloatFormat.UnsignedOrigin);
        }

        return WithOrigin(codes & Vector128.Create((ushort)0x7f), MiniFloatFormat.SignedOrigin)
            | ((codes << 8) & Vector128.Create((ushort)0x8000));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ushort> WithOrigin(Vector128<ushort> magnitudes, ushort origin) => Vector128.AndNot(
        (magnitudes + Vector128.Create(origin)) << 4, Vector128.Equals(magnitudes, Vector128<ushort>.Zero));

    // Interleaving with zeros is one instruction where there is one.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector128<ushort> First, Vector128<ushort> Second) Widen(Vector128<byte> codes) => Sse2.IsSupported
        ? (Sse2.UnpackLow(codes, Vector128<byte>.Zero).AsUInt16(),
            Sse2.UnpackHigh(codes, Vector128<byte>.Zero).AsUInt16())
        : Vector128.Widen(codes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector128<float> First, Vector128<float> Second) Values(Vector128<ushort> upperHalves)
    {
        if (Sse2.IsSupported)
        {
            Vector128<ushort> zero = Vector128<ushort>.Zero;
            return (Sse2.UnpackLow(zero, upperHalves).AsSingle(), Sse2.UnpackHigh(zero, upperHalves).AsSingle());
        }

        (Vector128<uint> first, Vector128<uint> second) = Vector128.Widen(upperHalves);
        return ((first << 16).AsSingle(), (second << 16).AsSingle());
    }
}
