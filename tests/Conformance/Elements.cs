using System.Runtime.InteropServices;

namespace Requant.Conformance;

/// <summary>The memory of a tensor of any element type.</summary>
internal sealed record Elements(ElementType Type, byte[] Bytes)
{
    public int Size => Type == ElementType.Float32 ? sizeof(float) : sizeof(ushort);

    /// <summary>Rounds every value to the type, with C#'s own conversion for <see cref="Half"/>.</summary>
    public static Elements Of(ElementType type, float[] values) => new(type, type switch
    {
        ElementType.Float32 => MemoryMarshal.AsBytes<float>(values).ToArray(),
        ElementType.Float16 => MemoryMarshal.AsBytes<Half>(Array.ConvertAll(values, value => (Half)value)).ToArray(),
        _ => MemoryMarshal.AsBytes<ushort>(Array.ConvertAll(values, RoundToBFloat16)).ToArray(),
    });

    /// <summary>The values, which float32 has all.</summary>
    public float[] Widen() => Type switch
    {
        ElementType.Float32 => MemoryMarshal.Cast<byte, float>(Bytes).ToArray(),
        ElementType.Float16 => Array.ConvertAll(MemoryMarshal.Cast<byte, Half>(Bytes).ToArray(), value => (float)value),
        _ => Array.ConvertAll(MemoryMarshal.Cast<byte, ushort>(Bytes).ToArray(), bits => BitConverter.Int32BitsToSingle(bits << 16)),
    };

    /// <summary>Bits of one element.</summary>
    public uint this[int index]
    {
        get => Size == sizeof(float)
            ? MemoryMarshal.Cast<byte, uint>(Bytes)[index]
            : MemoryMarshal.Cast<byte, ushort>(Bytes)[index];
        set
        {
            if (Size == sizeof(float))
            {
                MemoryMarshal.Cast<byte, uint>(Bytes.AsSpan())[index] = value;
            }
            else
            {
                MemoryMarshal.Cast<byte, ushort>(Bytes.AsSpan())[index] = (ushort)value;
            }
        }
    }

    public Elements Copy() => this with { Bytes = [.. Bytes] };

    /// <summary>The nearest of the two neighbours, found in float64, the even one if both are as near.</summary>
    private static ushort RoundToBFloat16(float value)
    {
        if (float.IsNaN(value))
        {
            return 0x7fc0;
        }

        int below = BitConverter.SingleToInt32Bits(value) >>> 16;
        double distance = Math.Abs(value - (double)BitConverter.Int32BitsToSingle(below << 16));
        float above = BitConverter.Int32BitsToSingle((below + 1) << 16);
        double rest = Math.Abs((float.IsInfinity(above) ? Math.CopySign(Math.ScaleB(1, 128), value) : above) - (double)value);
        bool up = distance > rest || (distance == rest && (below & 1) == 1);
        return (ushort)(float.IsInfinity(value) || !up ? below : below + 1);
    }
}

/// <summary>A tensor whose parameter and gradient have given types.</summary>
internal sealed record ElementCase(int Length, ElementType Parameter, ElementType Gradient, bool HasNonFinite)
{
    public const int StepCount = 3;
    public const int BlockSize = 256;
    private const int Seed = 20_251;

    /// <summary>Every second skipped parameter is a signalling NaN, whose bits must stay.</summary>
    private const int NonFiniteStride = 41;

    private static readonly int[] Lengths = [0, 1, 255, 256, 257, 1003];

    public static OptimizerOptions Options => new() { BlockSize = BlockSize, MinQuantizedLength = 0 };

    public static IEnumerable<ElementCase> All(ElementType parameter, ElementType gradient) =>
        from length in Lengths
        from hasNonFinite in new[] { false, true }
        select new ElementCase(length, parameter, gradient, hasNonFinite);

    /// <summary>Ordinary values, zeros, subnormals of float16 and, where every gradient is bad, NaN.</summary>
    public Elements Parameters()
    {
        float[] values = Normal(Seed, 1f);
        for (int i = 0; i < Length; i++)
        {
            values[i] = (i % 23) switch { 7 => 3e-6f, 8 => -5.9e-8f, 9 => 1000f * values[i], 10 => -0f, _ => values[i] };
        }

        var parameters = Elements.Of(Parameter, values);
        for (int i = 0; HasNonFinite && i < Length; i += 2 * NonFiniteStride)
        {
            parameters[i] = Parameter switch { ElementType.Float32 => 0xff800123, ElementType.Float16 => 0xfc01, _ => 0xff81 };
        }

        return parameters;
    }

    /// <summary>Values from float16's subnormals to its largest. With bad ones: NaN, infinities, values that are infinite in
    /// float16 alone, and in step 1 a block without a finite one.</summary>
    public Elements Gradients(int step)
    {
        float[] values = Normal(Seed + step + 1, 0.01f);
        for (int i = 0; i < Length; i++)
        {
            values[i] = (i % 19) switch { 3 => 6e-8f, 4 => -2e-5f, 5 => 60_000f * values[i], _ => values[i] };
        }

        for (int i = 0; HasNonFinite && i < Length; i++)
        {
            bool isBad = i % NonFiniteStride == 0 || (step == 1 && i / BlockSize == 2);
            values[i] = isBad
                ? ((i + step) % 3) switch { 0 => float.NaN, 1 => float.PositiveInfinity, _ => float.NegativeInfinity }
                : i % NonFiniteStride == 20 ? 1e6f : values[i];
        }

        return Elements.Of(Gradient, values);
    }

    private float[] Normal(int seed, float scale)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, Length).Select(i => i / 300 % 4 == 3 ? 0f
            : scale * MathF.Sqrt(-2f * MathF.Log(1f - random.NextSingle())) * MathF.Cos(2f * MathF.PI * random.NextSingle()))];
    }

    public override string ToString() =>
        $"{Length} elements of {Parameter}, gradients of {Gradient}{(HasNonFinite ? ", some not finite" : "")}";
}
