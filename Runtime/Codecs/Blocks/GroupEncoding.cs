namespace Requant.Codecs.Blocks;

/// <summary>Encodes by arithmetic, a group of vectors at a time, what arithmetic decides.</summary>
/// <typeparam name="TMap">The codebook.</typeparam>
internal static unsafe class GroupEncoding<TMap>
    where TMap : struct, ICodebookMap
{
    /// <summary>Encodes groups by arithmetic and looks up those that it does not decide.</summary>
    /// <returns>Where the rest begins, less than a group.</returns>
    public static int EncodeGroups<TEncoder>(float* values, byte* codes, int length, float inverse)
        where TEncoder : struct, IGroupEncoder
    {
        int i = 0;
        while ((i = TEncoder.EncodeWhileCertain(values, codes, i, length, inverse)) <= length - TEncoder.Group)
        {
            LookUp(values + i, codes + i, TEncoder.Group, inverse);
            i += TEncoder.Group;
        }

        return i;
    }

    /// <summary>Encodes less than a group, padded to one.</summary>
    public static void EncodeRest<TEncoder>(float* values, byte* codes, int length, float inverse)
        where TEncoder : struct, IGroupEncoder
    {
        if (length == 0)
        {
            return;
        }

        float* padded = stackalloc float[TEncoder.Group];
        byte* paddedCodes = stackalloc byte[TEncoder.Group];
        var target = new Span<float>(padded, TEncoder.Group);
        new Span<float>(values, length).CopyTo(target);
        target[length..].Clear();
        if (TEncoder.EncodeWhileCertain(padded, paddedCodes, 0, TEncoder.Group, inverse) < TEncoder.Group)
        {
            LookUp(values, paddedCodes, length, inverse);
        }

        new Span<byte>(paddedCodes, length).CopyTo(new Span<byte>(codes, length));
    }

    private static void LookUp(float* values, byte* codes, int length, float inverse) =>
        TMap.Codebook.Encode(new ReadOnlySpan<float>(values, length), inverse, new Span<byte>(codes, length));
}
