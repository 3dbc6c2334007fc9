namespace Requant.Testing;

/// <summary>Parameters and gradients that are hard on kernels, reproducible from a seed. Each seed has one endless
/// sequence of each, and a tensor is a piece of it.</summary>
internal static class HardData
{
    /// <summary>Elements of one nature in a row: several of the smallest blocks, and a part of
    /// the usual ones.</summary>
    private const int Stretch = 64;

    private const int SkippedStride = 97;
    private const int SkippedOffset = 41;

    private const float Denormal = 1e-40f;
    private const float SmallestNormal = 1.17549435e-38f;

    /// <summary>Its square is infinite.</summary>
    private const float Overflowing = 1e25f;

    /// <summary>A check uses a few sequences again and again: drawing them takes longer than a kernel.</summary>
    private const int MaxSequences = 32;

    private static readonly float[] NotFinite = [float.NaN, float.PositiveInfinity, float.NegativeInfinity];
    private static readonly Dictionary<(GradientKind? Kind, int Seed), float[]> Sequences = [];

    /// <summary>Where a tensor's piece begins: half a stretch after that of the tensor before, so that short
    /// tensors differ.</summary>
    public static int FirstElement(int tensor) => tensor * (Stretch / 2);

    public static ReadOnlySpan<float> Parameters(int first, int length, int seed) => Piece(null, first, length, seed);

    public static ReadOnlySpan<float> Gradient(GradientKind kind, int first, int length, int seed) =>
        Piece(kind, first, length, seed);

    /// <summary>Makes signalling NaN of the parameters that <see cref="GradientKind.Mixed"/> skips
    /// at every step.</summary>
    /// <param name="type">What <paramref name="parameters"/> holds.</param>
    /// <param name="parameters">Changed in place.</param>
    /// <param name="first">Where the tensor's piece begins.</param>
    public static void MarkSkipped(ElementType type, byte[] parameters, int first)
    {
        int size = ElementBits.SizeOf(type);
        for (int i = 0; i < parameters.Length / size; i++)
        {
            if (IsAlwaysSkipped(first + i))
            {
                ElementBits.SignallingNaN(type).CopyTo(parameters.AsSpan(i * size));
            }
        }
    }

    private static ReadOnlySpan<float> Piece(GradientKind? kind, int first, int length, int seed)
    {
        lock (Sequences)
        {
            if (!Sequences.TryGetValue((kind, seed), out float[]? sequence) || sequence.Length < first + length)
            {
                if (Sequences.Count >= MaxSequences)
                {
                    Sequences.Clear();
                }

                Sequences[(kind, seed)] =
                    sequence = Draw(kind, Math.Max(first + length, 2 * (sequence?.Length ?? 0)), seed);
            }

            return sequence.AsSpan(first, length);
        }
    }

    private static float[] Draw(GradientKind? kind, int length, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, length).Select(i => kind switch
        {
            null => i % 31 == 0 ? 0f : Normal(random),
            GradientKind.Plain => i / 300 % 4 == 3 ? 0f : 0.01f * Normal(random),
            GradientKind.Mixed => Mixed(random, i),
            _ => Extreme(random, i, seed),
        })];
    }

    private static bool IsAlwaysSkipped(int index) => index % SkippedStride == SkippedOffset;

    private static float Mixed(Random random, int index)
    {
        float scale = MathF.Pow(10f, random.Next(-8, 3));
        return (IsAlwaysSkipped(index), index % 13) switch
        {
            (true, _) => NotFinite[index % 3],
            (_, 3) => 0f,
            (_, 5) => Denormal,
            (_, 7) => 0.125f,
            _ => scale * Normal(random),
        };
    }

    /// <summary>The nature of a stretch moves on with the seed, so that a block meets another one
    /// at each step.</summary>
    private static float Extreme(Random random, int index, int seed) => (((index / Stretch) + seed) % 8) switch
    {
        0 => index % 2 == 0 ? 0f : -0f,
        1 => Denormal * Normal(random),
        2 => SmallestNormal * (0.5f + (1.5f * random.NextSingle())) * (index % 2 == 0 ? 1f : -1f),
        3 => Normal(random) * (index % Stretch == 17 ? 1e12f : MathF.Pow(10f, random.Next(-28, 1))),
        4 => MathF.Pow(2f, random.Next(-20, 3)) * (index % 3 == 0 ? -1f : 1f),
        5 => index % Stretch == 5 ? Overflowing : Normal(random),
        6 => NotFinite[random.Next(NotFinite.Length)],
        _ => 0.01f * Normal(random),
    };

    private static float Normal(Random random) =>
        MathF.Sqrt(-2f * MathF.Log(1f - random.NextSingle())) * MathF.Cos(2f * MathF.PI * random.NextSingle());
}
