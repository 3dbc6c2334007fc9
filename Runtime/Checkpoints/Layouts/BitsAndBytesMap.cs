using Requant.Checkpoints.Images;

namespace Requant.Checkpoints.Layouts;

/// <summary>A map of bitsandbytes: what codes mean in its files, and which codes those of a codec are there.</summary>
/// <remarks>Its kernels take the map from the file, <c>qmap1</c>, decode by it and find new codes by a binary search: a
/// map is 256 values in ascending order, and any will do (csrc/kernels.cu, quantize_2D). <see cref="Codec.MiniFloat"/>,
/// a sign and a magnitude, is written in the order of its values; the last one is there twice, for it has
/// 255.</remarks>
internal sealed class BitsAndBytesMap
{
    /// <summary>Values of a map.</summary>
    public const int Length = 256;

    private static readonly BitsAndBytesMap[] Written =
        [InOrder(Codec.Dynamic), InOrder(Codec.DynamicUnsigned), Signed(), InOrder(Codec.MiniFloatUnsigned)];

    private static readonly BitsAndBytesMap Own =
        new(Codec.Dynamic, PaperDynamic.Values.ToArray(), Identity(), Identity(), PaperDynamic.Convert);

    private readonly float[] _values;
    private readonly byte[] _toFile;

    /// <param name="codec">The codec whose values it has.</param>
    /// <param name="values">float32[256], ascending.</param>
    /// <param name="toFile">The file's code for each of the codec's.</param>
    /// <param name="fromFile">The codec's code for each of the file's.</param>
    /// <param name="translate">How codes are read, where not by a table.</param>
    private BitsAndBytesMap(
        Codec codec, float[] values, byte[] toFile, byte[] fromFile, CodeTranslation? translate = null)
    {
        Codec = codec;
        _values = values;
        _toFile = toFile;
        FromFile = translate ?? ((codes, _, _) => Translate(codes, fromFile));
    }

    /// <summary>The codecs that there are files of.</summary>
    public static IEnumerable<Codec> Codecs => Written.Select(map => map.Codec);

    /// <summary>The codec whose values it has.</summary>
    public Codec Codec { get; }

    /// <summary>The file's map.</summary>
    public ReadOnlySpan<float> Values => _values;

    /// <summary>Makes codes of a file those of the codec.</summary>
    public CodeTranslation FromFile { get; }

    /// <summary>The map that a codec is written with; null if it is not.</summary>
    public static BitsAndBytesMap? Of(Codec codec) => Array.Find(Written, map => map.Codec == codec);

    /// <summary>The map that a file has; null if its values are no codec's. bitsandbytes' own signed one is of
    /// <see cref="Codec.Dynamic"/>.</summary>
    public static BitsAndBytesMap? OfFile(float[] values) =>
        Array.Find([.. Written, Own], map => map.Values.SequenceEqual(values));

    /// <summary>Makes codes of the codec those of a file.</summary>
    public void ToFile(Span<byte> codes) => Translate(codes, _toFile);

    private static BitsAndBytesMap InOrder(Codec codec) =>
        new(codec, Codebook.For(codec).Values.ToArray(), Identity(), Identity());

    private static BitsAndBytesMap Signed()
    {
        var codebook = Codebook.For(Codec.MiniFloat);
        byte[] fromFile = [.. Identity().Where(code => codebook.IndexOfUnknown([code]) < 0).OrderBy(codebook.Decode)];
        fromFile = [.. fromFile, fromFile[^1]];
        byte[] toFile = new byte[Length];
        for (int code = Length - 1; code >= 0; code--)
        {
            toFile[fromFile[code]] = (byte)code;
        }

        return new BitsAndBytesMap(Codec.MiniFloat, [.. fromFile.Select(codebook.Decode)], toFile, fromFile);
    }

    private static byte[] Identity() => [.. Enumerable.Range(0, Length).Select(code => (byte)code)];

    private static void Translate(Span<byte> codes, byte[] table)
    {
        foreach (ref byte code in codes)
        {
            code = table[code];
        }
    }
}
