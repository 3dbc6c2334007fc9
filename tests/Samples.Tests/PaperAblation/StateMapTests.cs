using Requant.Samples.PaperAblation;

namespace Requant.Samples.Tests.PaperAblation;

/// <summary>The paper's codecs beside the repaired ones: what the repairs changed, and that they changed
/// nothing else.</summary>
public class StateMapTests
{
    /// <summary>Between the bits of two numbers that are tried: a prime, so that all patterns of low bits occur, that
    /// leaves 16,000 numbers of all sizes from 0 to 1.</summary>
    private const int Stride = 65_521;

    private const int OneBits = 0x3F800000;

    [Fact]
    public void AsPrinted_Dynamic_DiffersFromTheRepairedInTheMostNegativeValueAlone()
    {
        (StateMap printed, StateMap repaired) = (StateMap.AsPrinted(Codec.Dynamic), StateMap.Shipped(Codec.Dynamic));
        // Half way between the paper's two most negative values, where code 1 begins.
        float border = Codebook.For(Codec.Dynamic).Thresholds[0];
        Assert.Equal((-0.99296874 - 0.9789062) / 2, border, 1e-6);

        foreach (float u in Numbers(border).SelectMany(magnitude => new[] { magnitude, -magnitude }))
        {
            (float Printed, float Repaired) expected = u < border
                ? (-0.99296874f, -1f)
                : (repaired.Round(u), repaired.Round(u));
            Assert.Equal(expected, (printed.Round(u), repaired.Round(u)));
        }
    }

    [Theory]
    [InlineData(Codec.DynamicUnsigned, 3.2500003e-7f)]
    [InlineData(Codec.LinearUnsigned, 1f / 255)]
    public void AsPrinted_Unsigned_DiffersFromTheRepairedInWhatIsAbove0AndNotAboveHalfOfTheFirstCode(
        Codec codec, float smallest)
    {
        (StateMap printed, StateMap repaired) = (StateMap.AsPrinted(codec), StateMap.Shipped(codec));

        foreach (float u in Numbers(smallest / 2))
        {
            float expected = u > 0 && u <= smallest / 2 ? 0f : repaired.Round(u);
            Assert.Equal(expected, printed.Round(u));
            Assert.Equal(u > 0, repaired.Round(u) > 0);
        }

        Assert.Equal((0f, smallest), (printed.Round(smallest / 2), repaired.Round(smallest / 2)));
        Assert.Equal(smallest, printed.Round(MathF.BitIncrement(smallest / 2)));
    }

    [Theory]
    [InlineData(Codec.Linear)]
    [InlineData(Codec.Dynamic)]
    [InlineData(Codec.LinearUnsigned)]
    [InlineData(Codec.DynamicUnsigned)]
    public void AsPrinted_AnyCodec_KeepsTheNearestOfItsValues(Codec codec)
    {
        var map = StateMap.AsPrinted(codec);
        bool isSigned = map.Values[0] < 0;
        var random = new Random(1);
        for (int i = 0; i < 20_000; i++)
        {
            float u = (isSigned && random.Next(2) == 0 ? -1f : 1f) * MathF.Pow(10f, -9f * random.NextSingle());
            double nearest = double.PositiveInfinity;
            foreach (float value in map.Values)
            {
                nearest = Math.Min(nearest, Math.Abs((double)value - u));
            }

            Assert.Equal(nearest, Math.Abs((double)map.Round(u) - u));
        }
    }

    /// <summary>Numbers of all sizes from 0 to 1, and those around a border.</summary>
    private static IEnumerable<float> Numbers(float border)
    {
        for (int bits = 0; bits < OneBits; bits += Stride)
        {
            yield return BitConverter.Int32BitsToSingle(bits);
        }

        yield return 1f;
        float magnitude = MathF.Abs(border);
        yield return magnitude;
        yield return MathF.BitIncrement(magnitude);
        yield return MathF.BitDecrement(magnitude);
    }
}
