using Requant.Codecs;
using Requant.States;

namespace Requant.Checkpoints.Images;

/// <summary>Encodes values as a step does: absmax of each block, and the nearest code of each element.</summary>
internal static class StateEncoder
{
    /// <summary>Encodes one block.</summary>
    /// <param name="values">float32[n], not empty.</param>
    /// <param name="codebook">The codec's values.</param>
    /// <param name="codes">uint8[n].</param>
    /// <returns>The block's absmax.</returns>
    /// <exception cref="CheckpointException">A value is not finite, or negative where the codec has no
    /// negative ones.</exception>
    public static float Encode(ReadOnlySpan<float> values, Codebook codebook, Span<byte> codes)
    {
        int unfit = StateValues.IndexOfUnfit(values, codebook.IsUnsigned);
        if (unfit >= 0)
        {
            throw new CheckpointException(
                $"A value is {values[unfit]}; it should be {StateValues.Describe(codebook.IsUnsigned)}.");
        }

        float absmax = 0;
        foreach (float value in values)
        {
            absmax = MathF.Max(absmax, MathF.Abs(value));
        }

        if (absmax < SmallestAbsmax.Value)
        {
            codes.Fill(codebook.ZeroCode);
            return 0;
        }

        codebook.Encode(values, 1f / absmax, codes);
        return absmax;
    }
}
