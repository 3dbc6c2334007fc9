using Requant.Checkpoints.Images;
using Requant.Codecs;
using Requant.Codecs.Dynamic;

namespace Requant;

/// <summary>Codes of the signed dynamic map as the paper, bitsandbytes and checkpoints of format 1 have it. They differ
/// from those of <see cref="Codec.Dynamic"/> in one value: code 0 means -0.99296874 there, and -1 here.</summary>
public static class PaperDynamic
{
    private static readonly float[] Map = DynamicMaps.PaperSigned();

    /// <summary>The value of each code: float32[256], increasing.</summary>
    public static ReadOnlySpan<float> Values => Map;

    /// <summary>Makes the codes and scales of a state those of <see cref="Codec.Dynamic"/>. A block without code 0
    /// keeps its bits. The values of one with it are encoded anew: its largest magnitude is its absmax from then on,
    /// and an element may be rounded once more.</summary>
    /// <param name="codes">uint8[n], from the beginning of a block on.</param>
    /// <param name="absmax">float32[ceil(n / <paramref name="blockSize"/>)].</param>
    /// <param name="blockSize">Elements that share one absmax.</param>
    /// <exception cref="ArgumentException">There are not as many scales as blocks.</exception>
    /// <exception cref="CheckpointException">A scale is not finite.</exception>
    public static void Convert(Span<byte> codes, Span<float> absmax, int blockSize)
    {
        if (absmax.Length != BlockSizes.Count(codes.Length, blockSize))
        {
            throw new ArgumentException(
                $"There are {absmax.Length} scales for {codes.Length} codes in blocks of {blockSize}, which need "
                + $"{BlockSizes.Count(codes.Length, blockSize)}.",
                nameof(absmax));
        }

        var codebook = Codebook.For(Codec.Dynamic);
        float[] values = new float[blockSize];
        for (int block = 0; block < absmax.Length; block++)
        {
            int start = block * blockSize;
            Span<byte> some = codes.Slice(start, Math.Min(blockSize, codes.Length - start));
            if (some.Contains((byte)0))
            {
                for (int i = 0; i < some.Length; i++)
                {
                    values[i] = Map[some[i]] * absmax[block];
                }

                absmax[block] = StateEncoder.Encode(values.AsSpan(0, some.Length), codebook, some);
            }
        }
    }
}
