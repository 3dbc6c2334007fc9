using Requant.Quantization;

namespace Requant.Samples.PaperAblation;

/// <summary>What 8-bit storage does to values: encoded and decoded again, in place.</summary>
/// <remarks>The runtime's blocks end at <see cref="BlockSizes.Max"/> elements; here one may be a whole tensor. The arithmetic is
/// the runtime's, so that with one of its block sizes the values are, bit for bit, those of its 8-bit states.</remarks>
internal static class RoundedStates
{
    /// <summary>A smaller absmax has no inverse in float32; such a block is stored as zeros.</summary>
    private const float SmallestAbsmax = 1.17549435E-38f;

    /// <summary>Rounds each block of <paramref name="values"/> to what its codes and one absmax stand for.</summary>
    /// <param name="values">float32[n], finite.</param>
    /// <param name="codec">Any but <see cref="Codec.Float32"/>.</param>
    /// <param name="blockSize">Elements of a block, 1 or more; one block of all elements when null.</param>
    public static void Apply(Span<float> values, Codec codec, int? blockSize)
    {
        Codebook codebook = Codebook.For(codec);
        for (int start = 0, size = blockSize ?? values.Length; start < values.Length; start += size)
        {
            RoundBlock(values.Slice(start, Math.Min(size, values.Length - start)), codebook);
        }
    }

    private static void RoundBlock(Span<float> block, Codebook codebook)
    {
        float absmax = 0f;
        foreach (float value in block)
        {
            absmax = MathF.Max(absmax, MathF.Abs(value));
        }

        if (absmax < SmallestAbsmax)
        {
            block.Clear();
            return;
        }

        float inverse = 1f / absmax;
        for (int i = 0; i < block.Length; i++)
        {
            block[i] = codebook.Decode(codebook.Encode(block[i] * inverse)) * absmax;
        }
    }
}
