using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Requant.Quantization;

/// <summary>Decodes blocks as <see cref="MiniFloatFormat"/> says, 16 elements at a time.</summary>
/// <remarks>The upper half of a value's bits is <c>(magnitude + C) &lt;&lt; 4</c>.</remarks>
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
            Vector128<byte> group = Vector128.Load(codes + i);
            Vector128<byte> magnitudes = TMap.IsUnsigned ? group : group & Vector128.Create((byte)0x7f);
            (Vector128<ushort> first, Vector128<ushort> second) = Vector128.Widen(magnitudes);
            (Vector128<ushort> firstSigns, Vector128<ushort> secondSigns) =
                TMap.IsUnsigned ? default : Vector128.Widen(group & Vector128.Create(MiniFloatFormat.SignBit));
            first = UpperHalves(first, firstSigns);
            second = UpperHalves(second, secondSigns);
            (Vector128<uint> a, Vector128<uint> b) = Vector128.Widen(first);
            (Vector128<uint> c, Vector128<uint> d) = Vector128.Widen(second);
            ((a << 16).AsSingle() * scale).Store(values + i);
            ((b << 16).AsSingle() * scale).Store(values + i + 4);
            ((c << 16).AsSingle() * scale).Store(values + i + 8);
            ((d << 16).AsSingle() * scale).Store(values + i + 12);
        }

        return i;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ushort> UpperHalves(Vector128<ushort> magnitudes, Vector128<ushort> signs)
    {
        Vector128<ushort> halves = Vector128.AndNot(
            (magnitudes + Vector128.Create(TMap.IsUnsigned ? (ushort)MiniFloatFormat.UnsignedOrigin : (ushort)MiniFloatFormat.SignedOrigin)) << 4,
            Vector128.Equals(magnitudes, Vector128<ushort>.Zero));
        return TMap.IsUnsigned ? halves : halves | (signs << 8);
    }
}
