using System.Runtime.InteropServices;

namespace Requant.Samples.StateComparison;

/// <summary>How a state is kept between steps.</summary>
internal enum SimulatedCodec
{
    /// <summary>As it is.</summary>
    Float32,

    /// <summary>As it is, but for noise of at most a thousandth of each element: a control that says how far runs part
    /// that differ by next to nothing.</summary>
    Noise,

    /// <summary>The paper's codes, repaired.</summary>
    Dynamic,

    /// <summary>8 codes an octave.</summary>
    MiniFloat,

    /// <summary>16 codes an octave beside a sign.</summary>
    SixteenPerOctave,
}

/// <summary>A codec and how it rounds.</summary>
/// <param name="Codec">The codec.</param>
/// <param name="IsStochastic">Whether a random byte chooses between two codes; to the nearest otherwise.</param>
internal readonly record struct SimulatedState(SimulatedCodec Codec, bool IsStochastic = false)
{
    /// <summary>Elements that share one absmax: the runtime's default.</summary>
    public const int BlockSize = 256;

    /// <summary>A smaller absmax has no inverse in float32; such a block is stored as zeros.</summary>
    private const float SmallestAbsmax = 1.17549435E-38f;

    private const float NoiseStep = 1e-3f / 128;

    /// <summary>Gives values in place what 8-bit storage would have kept of them.</summary>
    /// <param name="values">float32[n], finite.</param>
    /// <param name="isSigned">Whether some may be negative.</param>
    /// <param name="seed">Of the random bytes; another for each step and state.</param>
    public void Round(Span<float> values, bool isSigned, ulong seed)
    {
        if (Codec == SimulatedCodec.Float32)
        {
            return;
        }

        var generator = new ByteGenerator(seed);
        Span<byte> random = stackalloc byte[BlockSize];
        for (int start = 0; start < values.Length; start += BlockSize)
        {
            Span<float> block = values.Slice(start, Math.Min(BlockSize, values.Length - start));
            if (IsStochastic)
            {
                generator.Fill(random);
            }

            RoundBlock(block, isSigned, IsStochastic ? random : default);
        }
    }

    private void RoundBlock(Span<float> block, bool isSigned, ReadOnlySpan<byte> random)
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

        switch (Codec)
        {
            case SimulatedCodec.Dynamic:
                (isSigned ? DynamicCode.Signed : DynamicCode.Unsigned).Round(block, absmax, random);
                break;
            case SimulatedCodec.MiniFloat:
                (isSigned ? OctaveCode.MiniFloat : OctaveCode.MiniFloatUnsigned).Round(block, absmax, random);
                break;
            case SimulatedCodec.SixteenPerOctave when isSigned:
                OctaveCode.SixteenPerOctave.Round(block, absmax, random);
                break;
            case SimulatedCodec.Noise:
                AddNoise(block, random);
                break;
            default:
                throw new InvalidOperationException(
                    $"{Codec} does not exist for {(isSigned ? "signed" : "unsigned")} states.");
        }
    }

    private static void AddNoise(Span<float> block, ReadOnlySpan<byte> random)
    {
        for (int i = 0; i < block.Length; i++)
        {
            block[i] += block[i] * (random[i] - 127.5f) * NoiseStep;
        }
    }
}

/// <summary>Random bytes that depend on the seed alone: splitmix64.</summary>
internal struct ByteGenerator(ulong seed)
{
    private const ulong Increment = 0x9E3779B97F4A7C15;
    private ulong _state = seed;

    /// <summary>Fills <paramref name="bytes"/>, whose length is a multiple of 8.</summary>
    public void Fill(Span<byte> bytes)
    {
        foreach (ref ulong word in MemoryMarshal.Cast<byte, ulong>(bytes))
        {
            word = Next();
        }
    }

    /// <summary>64 bits.</summary>
    public ulong Next()
    {
        ulong z = _state += Increment;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
