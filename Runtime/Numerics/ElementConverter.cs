using System.Runtime.Intrinsics;
using Requant.CompilerServices;

namespace Requant.Numerics;

/// <summary>Converts runs of elements between a 16-bit type and float32, with vectors of one width.</summary>
internal readonly unsafe struct ElementConverter
{
    /// <summary>Bits of infinity; those of NaN are above. Blocks with a NaN are rare, and their elements are
    /// taken one by one.</summary>
    private const int InfinityBits = 0x7f800000;

    /// <summary>Both null for float32, which needs no conversion.</summary>
    private readonly delegate*<ushort*, float*, int, void> _widen;

    private readonly delegate*<float*, ushort*, int, void> _narrow;

    private ElementConverter(delegate*<ushort*, float*, int, void> widen, delegate*<float*, ushort*, int, void> narrow)
    {
        _widen = widen;
        _narrow = narrow;
    }

    /// <summary>Whether elements are float32 in memory already.</summary>
    public bool IsIdentity => _widen is null;

    /// <summary>The converter of an element type.</summary>
    /// <param name="type">What memory holds.</param>
    /// <param name="width">The kernels' vector width; <see cref="SimdWidth.Scalar"/> is the definition.</param>
    public static ElementConverter For(ElementType type, SimdWidth width) => type switch
    {
        ElementType.Float16 => For<Float16Format>(width),
        ElementType.BFloat16 => For<BFloat16Format>(width),
        _ => default,
    };

    /// <summary>Converts <paramref name="length"/> 16-bit elements to float32. Not for float32.</summary>
    public void Widen(ushort* source, float* target, int length) => _widen(source, target, length);

    /// <summary>Rounds <paramref name="length"/> float32 to 16-bit elements. Not for float32.</summary>
    public void Narrow(float* source, ushort* target, int length) => _narrow(source, target, length);

    private static ElementConverter For<TFormat>(SimdWidth width)
        where TFormat : struct, IElementFormat => width switch
    {
        SimdWidth.Vector512 => new ElementConverter(&Widen512<TFormat>, &Narrow512<TFormat>),
        SimdWidth.Vector256 => new ElementConverter(&Widen256<TFormat>, &Narrow256<TFormat>),
        SimdWidth.Vector128 => new ElementConverter(&Widen128<TFormat>, &Narrow128<TFormat>),
        _ => new ElementConverter(&WidenScalar<TFormat>, &NarrowScalar<TFormat>),
    };

    private static void WidenScalar<TFormat>(ushort* source, float* target, int length)
        where TFormat : struct, IElementFormat
    {
        for (int i = 0; i < length; i++)
        {
            target[i] = BitConverter.Int32BitsToSingle(TFormat.Widen(source[i]));
        }
    }

    private static void NarrowScalar<TFormat>(float* source, ushort* target, int length)
        where TFormat : struct, IElementFormat
    {
        for (int i = 0; i < length; i++)
        {
            target[i] = (ushort)TFormat.Narrow(BitConverter.SingleToInt32Bits(source[i]));
        }
    }

    private static void Widen128<TFormat>(ushort* source, float* target, int length)
        where TFormat : struct, IElementFormat
    {
        int i = 0;
        for (; i <= length - Vector128<ushort>.Count; i += Vector128<ushort>.Count)
        {
            CachePrefetch.Ahead(source + i);
            (Vector128<uint> lower, Vector128<uint> upper) = Vector128.Widen(Vector128.Load(source + i));
            TFormat.Widen(lower.AsInt32()).AsSingle().Store(target + i);
            TFormat.Widen(upper.AsInt32()).AsSingle().Store(target + i + Vector128<float>.Count);
        }

        WidenScalar<TFormat>(source + i, target + i, length - i);
    }

    private static void Narrow128<TFormat>(float* source, ushort* target, int length)
        where TFormat : struct, IElementFormat
    {
        Vector128<int> magnitude = Vector128.Create(int.MaxValue);
        Vector128<int> largest = Vector128<int>.Zero;
        int i = 0;
        for (; i <= length - Vector128<ushort>.Count; i += Vector128<ushort>.Count)
        {
            Vector128<int> lower = Vector128.Load(source + i).AsInt32();
            Vector128<int> upper = Vector128.Load(source + i + Vector128<float>.Count).AsInt32();
            largest = Vector128.Max(largest, Vector128.Max(lower & magnitude, upper & magnitude));
            TFormat.NarrowNumbers(lower, upper).Store(target + i);
        }

        if (Vector128.GreaterThanAny(largest, Vector128.Create(InfinityBits)))
        {
            NarrowScalar<TFormat>(source, target, i);
        }

        NarrowScalar<TFormat>(source + i, target + i, length - i);
    }

    private static void Widen256<TFormat>(ushort* source, float* target, int length)
        where TFormat : struct, IElementFormat
    {
        int i = 0;
        for (; i <= length - Vector256<ushort>.Count; i += Vector256<ushort>.Count)
        {
            CachePrefetch.Ahead(source + i);
            (Vector256<uint> lower, Vector256<uint> upper) = Vector256.Widen(Vector256.Load(source + i));
            TFormat.Widen(lower.AsInt32()).AsSingle().Store(target + i);
            TFormat.Widen(upper.AsInt32()).AsSingle().Store(target + i + Vector256<float>.Count);
        }

        WidenScalar<TFormat>(source + i, target + i, length - i);
    }

    private static void Narrow256<TFormat>(float* source, ushort* target, int length)
        where TFormat : struct, IElementFormat
    {
        Vector256<int> magnitude = Vector256.Create(int.MaxValue);
        Vector256<int> largest = Vector256<int>.Zero;
        int i = 0;
        for (; i <= length - Vector256<ushort>.Count; i += Vector256<ushort>.Count)
        {
            Vector256<int> lower = Vector256.Load(source + i).AsInt32();
            Vector256<int> upper = Vector256.Load(source + i + Vector256<float>.Count).AsInt32();
            largest = Vector256.Max(largest, Vector256.Max(lower & magnitude, upper & magnitude));
            TFormat.NarrowNumbers(lower, upper).Store(target + i);
        }

        if (Vector256.GreaterThanAny(largest, Vector256.Create(InfinityBits)))
        {
            NarrowScalar<TFormat>(source, target, i);
        }

        NarrowScalar<TFormat>(source + i, target + i, length - i);
    }

    private static void Widen512<TFormat>(ushort* source, float* target, int length)
        where TFormat : struct, IElementFormat
    {
        int i = 0;
        for (; i <= length - Vector512<ushort>.Count; i += Vector512<ushort>.Count)
        {
            CachePrefetch.Ahead(source + i);
            (Vector512<uint> lower, Vector512<uint> upper) = Vector512.Widen(Vector512.Load(source + i));
            TFormat.Widen(lower.AsInt32()).AsSingle().Store(target + i);
            TFormat.Widen(upper.AsInt32()).AsSingle().Store(target + i + Vector512<float>.Count);
        }

        WidenScalar<TFormat>(source + i, target + i, length - i);
    }

    private static void Narrow512<TFormat>(float* source, ushort* target, int length)
        where TFormat : struct, IElementFormat
    {
        Vector512<int> magnitude = Vector512.Create(int.MaxValue);
        Vector512<int> largest = Vector512<int>.Zero;
        int i = 0;
        for (; i <= length - Vector512<ushort>.Count; i += Vector512<ushort>.Count)
        {
            Vector512<int> lower = Vector512.Load(source + i).AsInt32();
            Vector512<int> upper = Vector512.Load(source + i + Vector512<float>.Count).AsInt32();
            largest = Vector512.Max(largest, Vector512.Max(lower & magnitude, upper & magnitude));
            TFormat.NarrowNumbers(lower, upper).Store(target + i);
        }

        if (Vector512.GreaterThanAny(largest, Vector512.Create(InfinityBits)))
        {
            NarrowScalar<TFormat>(source, target, i);
        }

        NarrowScalar<TFormat>(source + i, target + i, length - i);
    }
}
