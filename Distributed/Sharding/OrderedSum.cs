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

    /// <summary>Adds elements, and writes sums, divided and rounded once to the elements' type.</summary>
    /// <param name="sources">Addresses of each rank's elements, in the order of ranks.</param>
    /// <param name="carried">float32[length]: sums of the ranks before, and then of these, too; 0 if these are
    /// all.</param>
    /// <param name="isFirst">Whether there are no ranks before.</param>
    /// <param name="destination">Where sums go; may be one of the sources; 0 if ranks follow.</param>
    /// <param name="length">Elements.</param>
    /// <param name="type">Their type.</param>
    /// <param name="divisor">What sums are divided by.</param>
    public static void Add(
        ReadOnlySpan<nint> sources, nint carried, bool isFirst, nint destination, long length, ElementType type,
        float divisor)
    {
        float* own = stackalloc float[Tile];
        float* wide = stackalloc float[Tile];
        ElementConverter converter = ElementConverter.For(type, SimdWidths.Widest);
        for (long start = 0; start < length; start += Tile)
        {
            int count = (int)Math.Min(Tile, length - start);
            float* sums = carried == 0 ? own : (float*)carried + start;
            nint offset = (nint)(start * type.Size());
            for (int rank = 0; rank < sources.Length; rank++)
            {
                float* values = (float*)(sources[rank] + offset);
                if (!converter.IsIdentity)
                {
                    converter.Widen((ushort*)values, wide, count);
                    values = wide;
                }

                if (rank == 0 && isFirst)
                {
                    new ReadOnlySpan<float>(values, count).CopyTo(new Span<float>(sums, count));
                }
                else
                {
                    AddTo(sums, values, count);
                }
            }

            if (destination == 0)
            {
                continue;
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
