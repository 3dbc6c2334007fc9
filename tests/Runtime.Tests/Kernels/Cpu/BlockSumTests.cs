using Requant.CompilerServices;

namespace Requant.Runtime.Tests.Kernels.Cpu;

public class BlockSumTests
{
    /// <summary>All short ones, some long ones, and the usual block, which has a way of its own, so often that an order
    /// of the last terms that happens to round alike is no way out.</summary>
    private static readonly IEnumerable<int> Lengths =
    [
        .. Enumerable.Range(0, 70), .. Enumerable.Range(0, 66).Select(i => 70 + (61 * i)), 255, 257, 512,
        BlockSizes.Max, .. Enumerable.Repeat(256, 30),
    ];

    [Fact]
    public void Fold_EveryLength_GivesBitsOfDefinition()
    {
        var random = new Random(1);
        foreach (int length in Lengths)
        {
            float[] terms = NewTerms(random, length);
            float expected = Define(terms.AsSpan(0, length).ToArray());

            float actual = BlockSum.Fold(ref terms[0], length);

            Assert.Equal(BitConverter.SingleToUInt32Bits(expected), BitConverter.SingleToUInt32Bits(actual));
        }
    }

    [Fact]
    public void Fold_TermsPastLength_TakeNoPart()
    {
        var terms = new float[BlockSizes.Max];
        Array.Fill(terms, 1f);

        Assert.Equal(33f, BlockSum.Fold(ref terms[0], 33));
    }

    /// <summary>The definition, by recursion over the bits of the index from the highest down.</summary>
    internal static float Define(float[] terms)
    {
        if (terms.Length == 0)
        {
            return 0f;
        }

        int padded = 1;
        while (padded < terms.Length)
        {
            padded *= 2;
        }

        Array.Resize(ref terms, padded);
        return padded == 1
            ? terms[0]
            : Define([.. Enumerable.Range(0, padded / 2).Select(i => terms[i] + terms[i + (padded / 2)])]);
    }

    /// <summary>Terms of mixed size and sign, whose sum depends on the order, followed by garbage.</summary>
    internal static float[] NewTerms(Random random, int length)
    {
        var terms = new float[BlockSizes.Max];
        for (int i = 0; i < terms.Length; i++)
        {
            terms[i] = i < length ? (random.NextSingle() - 0.5f) * MathF.Pow(10f, random.Next(-3, 3)) : float.NaN;
        }

        return terms;
    }
}
