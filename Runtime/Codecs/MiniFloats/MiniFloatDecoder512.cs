using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Requant.Codecs.MiniFloats;

/// <summary>Decodes blocks as <see cref="MiniFloatFormat"/> says, 16 elements at a time.</summary>
internal static unsafe class MiniFloatDecoder512<TMap>
    where TMap : struct, IMiniFloatMap
{
    private const int Group = 16;

    public static bool IsSupported
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Avx512F.IsSupported;
    }

    /// <summary>Decodes whole groups.</summary>
    /// <returns>Where the rest begins, less than a group.</returns>
    public static int Decode(byte* codes, float* values, int length, float absmax)
    {
        Vector512<float> scale = Vector512.Create(absmax);
        int i = 0;
        for (; i <= length - Group; i += Group)
        {
            (Values(codes + i) * scale).Store(values + i);
        }

        return i;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Values(byte* codes)
    {
        if (TMap.IsUnsigned)
        {
            Vector512<int> magnitudes =
                Avx512F.ConvertToVector512Int32(Vector128.Load(codes)) << MiniFloatFormat.MagnitudeShift;
            return WithOrigin(magnitudes, MiniFloatFormat.UnsignedOrigin).AsSingle();
        }

        // Shifted up, a code's sign is where it belongs, with copies of it below.
        Vector512<int> shifted =
            Avx512F.ConvertToVector512Int32(Vector128.Load((sbyte*)codes)) << MiniFloatFormat.MagnitudeShift;
        Vector512<int> magnitude = shifted & Vector512.Create(0x7f << MiniFloatFormat.MagnitudeShift);
        return (WithOrigin(magnitude, MiniFloatFormat.SignedOrigin) | (shifted & Vector512.Create(int.MinValue)))
            .AsSingle();
    }

    // A masked addition, where the compiler sees a selection.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> WithOrigin(Vector512<int> magnitudes, int origin) => Vector512.ConditionalSelect(
        Vector512.Equals(magnitudes, Vector512<int>.Zero),
        Vector512<int>.Zero,
        magnitudes + Vector512.Create(origin << MiniFloatFormat.MagnitudeShift));
}
