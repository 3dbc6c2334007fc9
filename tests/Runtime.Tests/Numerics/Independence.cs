namespace Requant.Runtime.Tests.Numerics;

/// <summary>That random numbers are uniform, and those of two sources independent.</summary>
internal static class Independence
{
    /// <summary>Standard deviations of a fair coin, or of a correlation of independent numbers, that a sample may be
    /// off by. One of 2 million samples is further; the samples are always the same.</summary>
    public const double MostDeviations = 5;

    /// <summary>Numbers of so many bits are equally often in each of 256 ranges.</summary>
    public static void AssertUniform(int bits, int[] numbers)
    {
        // Chi-squared: 255 degrees of freedom.
        const int Ranges = 256;
        int[] counts = new int[Ranges];
        foreach (int number in numbers)
        {
            counts[number / ((1 << bits) / Ranges)]++;
        }

        double expected = (double)numbers.Length / Ranges;
        double chiSquared = counts.Sum(count => (count - expected) * (count - expected) / expected);
        double most = MostDeviations * Math.Sqrt(2 * (Ranges - 1));
        Assert.InRange(chiSquared, Ranges - 1 - most, Ranges - 1 + most);
    }

    /// <summary>Each bit of either is compared with each bit of the other, and the numbers as such: rounding compares
    /// them with a fraction.</summary>
    public static void AssertNotCorrelated(int bits, int[] ours, int[] theirs)
    {
        int count = ours.Length;
        int mask = (1 << bits) - 1;
        double mean = mask / 2.0;
        double deviation = (1 << bits) / Math.Sqrt(12);
        double product = 0;
        int[,] equal = new int[bits, bits];
        for (int i = 0; i < count; i++)
        {
            product += (ours[i] - mean) / deviation * ((theirs[i] - mean) / deviation);
            for (int bit = 0; bit < bits; bit++)
            {
                int same = ~(ours[i] ^ (((theirs[i] << bit) | (theirs[i] >> (bits - bit))) & mask));
                for (int place = 0; place < bits; place++)
                {
                    equal[bit, place] += (same >> place) & 1;
                }
            }
        }

        // Centered numbers have deviation 1.
        Assert.InRange(product / Math.Sqrt(count), -MostDeviations, MostDeviations);
        foreach (int sum in equal)
        {
            Assert.InRange((sum - (count / 2.0)) / (Math.Sqrt(count) / 2), -MostDeviations, MostDeviations);
        }
    }
}
