using System.Runtime.Intrinsics;
using Requant.CompilerServices;
using Requant.Numerics;
using Requant.States;

namespace Requant.Distributed.Sharding;

/// <summary>Adds gradients of several ranks, in the order of ranks, in float32.</summary>
internal static unsafe class OrderedSum
{
    /// <summary>Elements at a time: what is added stays in the nearest cache.</summary>
    private const int Tile = 1024;

    /// <summary>Writes sums, rounded once to the elements' type.</summary>
    /// <param name="sources">Addresses of each rank's elements, in the order of ranks.</param>
    /// <param name="destination">Where to; may be one of the sources.</param>
    /// <param name="length">Elements.</param>
    /// <param name="type">Their type.</param>
    /// <param name="divisor">What sums are divided by.</param>
    public static void Add(
        ReadOnlySpan<nint> sources, nint destination, long length, ElementType type, float divisor)
    {
        float* sums = stackalloc float[Tile];
        float* wide = stackalloc float[Tile];
        ElementConverter converter = ElementConverter.For(type, SimdWidths.Widest);
        for (long start = 0; start < length; start += Tile)
        {
            int count = (int)Math.Min(Tile, length - start);
            nint offset = (nint)(start * type.Size());
            for (int rank = 0; rank < sources.Length; rank++)
            {
                float* values = (float*)(sources[rank] + offset);
                if (!converter.IsIdentity)
                {
                    converter.Widen((ushort*)values, wide, count);
                    values = wide;
                }

                if (rank == 0)
                {
                    new ReadOnlySpan<float>(values, count).CopyTo(new Span<float>(sums, count));
                }
                else
                {
                    AddTo(sums, values, count);
                }
            }

            Divide(sums, count, divisor);
            if (converter.IsIdentity)
            {
                new ReadOnlySpan<float>(sums, count).CopyTo(new Span<float>((float*)(destination + offset), count));
            }
            else
            {
                converter.Narrow(sums, (ushort*)(destination + offset), count);
            }
        }
    }

    private static void AddTo(float* sums, float* values, int count)
    {
        int i = 0;
        for (; i <= count - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            (Vector256.Load(sums + i) + Vector256.Load(values + i)).Store(sums + i);
        }

        for (; i < count; i++)
        {
            sums[i] += values[i];
        }
    }

    private static void Divide(float* sums, int count, float divisor)
    {
        if (divisor == 1f)
        {
            return;
        }

        int i = 0;
        for (; i <= count - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            (Vector256.Load(sums + i) / divisor).Store(sums + i);
        }

        for (; i < count; i++)
        {
            sums[i] /= divisor;
        }
    }
}
