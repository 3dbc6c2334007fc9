using Requant.Tests;

namespace Requant.Runtime.Tests.Numerics.Functions;

/// <summary>Floats to try functions on.</summary>
internal static class Arguments
{
    /// <summary>Primes: a walk through the bit patterns meets every exponent, and every low bit of a
    /// significand.</summary>
    private static readonly uint Stride = LongRun.Of(49_999u, 19_937u);

    private const int PairSeed = 77;

    private static readonly int PairCount = LongRun.Of(50_000, 100_000);

    /// <summary>Where something changes: signs, zeros, denormal and largest values, halves, integers' ends, multiples
    /// of pi / 2 and of the logarithm of 2, the limits of exp and of the ways that functions choose between.</summary>
    public static readonly float[] Edges =
    [
        .. ((float[])
        [
            0f, float.Epsilon, 1e-40f, 1.1754942e-38f, 1.17549435e-38f, 1e-20f, 1e-8f, 0.001f, 0.25f, 0.34657359f,
            0.49999997f, 0.5f, 0.50000006f,
            0.62499994f, 0.625f, 0.6931472f, 0.70710677f, 0.70710683f, 0.7853982f, 0.99999994f, 1f, 1.0000001f,
            1.4142135f, 1.4142137f, 1.5f, 1.5707964f, 2f, 2.5f, 2.7182817f, 3f, 3.1415927f, 3.5f, 4.712389f, 6.2831855f,
            8f, 9.010913f, 9.999999f, 10f, 27f, 87.33654f, 88.72283f, 88.72284f, 100f, 103.97207f, 103.97208f, 104f,
            110f, 128f, 149f, 150f, 200f, 1000f, 262143.98f, 262144f, 262144.03f, 4194303.5f, 4194304f,
            8388607.5f, 8388608f, 16777215f, 16777216f, 2.7488883e8f, 1e10f, 1.6367173e29f, 1e38f, float.MaxValue,
            float.PositiveInfinity,
        ]).SelectMany(x => (float[])[x, -x]),
        float.NaN,
    ];

    /// <summary>Every <see cref="Stride"/>th of all floats, NaN and infinity among them, after the edges.</summary>
    public static float[] Spread { get; } =
        [.. Edges, .. Enumerable.Range(0, (int)(uint.MaxValue / Stride))
            .Select(i => BitConverter.UInt32BitsToSingle((uint)i * Stride))];

    /// <summary>Every pair of edges; bases of any size with exponents that lead to results of any size.</summary>
    public static (float X, float Y)[] Pairs { get; } =
        [.. from x in Edges from y in Edges select (x, y), .. RandomPairs()];

    private static IEnumerable<(float X, float Y)> RandomPairs()
    {
        var random = new Random(PairSeed);
        for (int i = 0; i < PairCount; i++)
        {
            float x = random.Next(3) switch
            {
                0 => BitConverter.UInt32BitsToSingle((uint)random.NextInt64(1, 0x7f800000)),
                1 => (float)(1 + ((random.NextDouble() - 0.5) * Math.ScaleB(1, -random.Next(1, 24)))),
                _ => (float)Math.Exp((random.NextDouble() - 0.5) * 10),
            };
            double wanted = (random.NextDouble() * 300) - 160;
            yield return (x, random.Next(3) == 0 || x == 1f
                ? (float)((random.NextDouble() - 0.5) * 20)
                : (float)(wanted / Math.Log2(x)));
        }
    }
}
