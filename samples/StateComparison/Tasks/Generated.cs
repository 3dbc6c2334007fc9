namespace Requant.Samples.StateComparison;

/// <summary>Random numbers for data.</summary>
internal static class Generated
{
    /// <summary>A normal number of mean 0 and variance 1 (Box and Muller's).</summary>
    public static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
