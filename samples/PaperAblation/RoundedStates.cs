namespace Requant.Samples.PaperAblation;

/// <summary>What 8-bit storage does to values: encoded and decoded again, in place.</summary>
/// <remarks>The runtime's blocks end at <see cref="BlockSizes.Max"/> elements, and its codecs are repaired; here a
/// block may be a whole tensor and a codec as the paper printed it. The arithmetic is the runtime's, so that with its
/// codecs and one of its block sizes the values are, bit for bit, those of its 8-bit states.</remarks>
internal static class RoundedStates
{
    /// <summary>A smaller absmax has no inverse in float32; such a block is stored as zeros.</summary>
    private const float SmallestAbsmax = 1.17549435E-38f;

    /// <summary>Rounds each block of <paramref name="values"/> to what its codes and one absmax stand for.</summary>
    /// <param name="values">float32[n], finite.</param>
    /// <param name="map">The codec.</param>
    /// <param name="blockSize">Elements of a block, 1 or more; one block of all elements when null.</param>
    public static void Apply(Span<float> values, StateMap map, int? blockSize)
    {
        for (int start = 0, size = blockSize ?? values.Length; start < values.Length; start += size)
        {
            RoundBlock(values.Slice(start, Math.Min(size, values.Length - start)), map);
        }
    }

    private static void RoundBlock(Span<float> block, StateMap map)
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
            block[i] = map.Round(block[i] * inverse) * absmax;
        }
    }
}
