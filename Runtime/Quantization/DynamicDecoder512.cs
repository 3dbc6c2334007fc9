using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Requant.Quantization;

/// <summary>Decodes 16 codes of a dynamic map at a time without a gather.</summary>
internal static class DynamicDecoder512<TMap>
    where TMap : struct, IDynamicMap<TMap>
{
    private const int ZeroCode = 127;

    private static readonly DynamicDecodeTables Tables = new(TMap.Codebook.Values, TMap.IsSigned);
    private static readonly Vector512<float> Slopes = Vector512.Create(Tables.Slopes);
    private static readonly Vector512<float> Intercepts = Vector512.Create(Tables.Intercepts);
    private static readonly Vector512<byte> LowUlps = Vector512.Create(Tables.Ulps).AsByte();
    private static readonly Vector512<byte> LowMiddleUlps = Vector512.Create(Tables.Ulps, 64).AsByte();
    private static readonly Vector512<byte> HighMiddleUlps = Vector512.Create(Tables.Ulps, 128).AsByte();
    private static readonly Vector512<byte> HighUlps = Vector512.Create(Tables.Ulps, 192).AsByte();

    public static bool IsSupported
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Avx512CD.IsSupported && Avx512Vbmi.IsSupported;
    }

    /// <summary>The values of 16 <paramref name="codes"/>, in units of absmax.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Decode(Vector128<byte> codes)
    {
        Vector512<int> wide = Avx512F.ConvertToVector512Int32(codes);
        if (TMap.IsSigned)
        {
            Vector512<int> signed = wide - Vector512.Create(ZeroCode);
            Vector128<byte> positions = Vector128.Abs((codes - Vector128.Create((byte)ZeroCode)).AsSByte()).AsByte();
            Vector128<byte> ulps = Lookup(LowUlps, positions, LowMiddleUlps);
            Vector512<int> magnitude = AtPosition(Vector512.Abs(signed), ulps);
            return (magnitude | (signed & Vector512.Create(int.MinValue))).AsSingle();
        }
        else
        {
            Vector128<byte> ulps = Vector128.ConditionalSelect(
                Vector128.LessThan(codes.AsSByte(), Vector128<sbyte>.Zero).AsByte(),
                Lookup(HighMiddleUlps, codes, HighUlps),
                Lookup(LowUlps, codes, LowMiddleUlps));
            return AtPosition(wide + Vector512<int>.One, ulps).AsSingle();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> AtPosition(Vector512<int> position, Vector128<byte> ulps)
    {
        Vector512<int> section = Avx512CD.LeadingZeroCount(position);
        Vector512<float> line = Vector512.FusedMultiplyAdd(
            Avx512F.PermuteVar16x32(Slopes, section),
            Vector512.ConvertToSingle(position),
            Avx512F.PermuteVar16x32(Intercepts, section));
        return line.AsInt32() + Avx512F.ConvertToVector512Int32(ulps.AsSByte());
    }

    // Each lane's entry of a table of 128 bytes, by the low 7 bits of its index.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Lookup(Vector512<byte> lower, Vector128<byte> index, Vector512<byte> upper) =>
        Avx512Vbmi.PermuteVar64x8x2(lower, index.ToVector256Unsafe().ToVector512Unsafe(), upper)
            .GetLower().GetLower();
}
