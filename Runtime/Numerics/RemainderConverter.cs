using System.Runtime.Intrinsics;
using Requant.CompilerServices;

namespace Requant.Numerics;

/// <summary>Converts runs of elements between <see cref="Remainder16"/> and float32, with vectors of one
/// width.</summary>
internal readonly unsafe struct RemainderConverter
{
    private readonly delegate*<ushort*, short*, float*, int, void> _join;

    private readonly delegate*<float*, ushort*, short*, int, void> _split;

    private RemainderConverter(
        delegate*<ushort*, short*, float*, int, void> join, delegate*<float*, ushort*, short*, int, void> split)
    {
        _join = join;
        _split = split;
    }

    /// <summary>The converter of kernels of a width; <see cref="SimdWidth.Scalar"/> is the definition.</summary>
    public static RemainderConverter For(SimdWidth width) => width switch
    {
        SimdWidth.Vector512 => new RemainderConverter(&Join512, &Split512),
        SimdWidth.Vector256 => new RemainderConverter(&Join256, &Split256),
        SimdWidth.Vector128 => new RemainderConverter(&Join128, &Split128),
        _ => new RemainderConverter(&JoinScalar, &SplitScalar),
    };

    /// <summary>The float32 values of <paramref name="length"/> elements and their remainders.</summary>
    public void Join(ushort* upper, short* remainders, float* target, int length) =>
        _join(upper, remainders, target, length);

    /// <summary>The elements and remainders of <paramref name="length"/> float32 values.</summary>
    public void Split(float* source, ushort* upper, short* remainders, int length) =>
        _split(source, upper, remainders, length);

    private static void JoinScalar(ushort* upper, short* remainders, float* target, int length)
    {
        for (int i = 0; i < length; i++)
        {
            target[i] = BitConverter.Int32BitsToSingle(Remainder16.Join(upper[i], remainders[i]));
        }
    }

    private static void SplitScalar(float* source, ushort* upper, short* remainders, int length)
    {
        for (int i = 0; i < length; i++)
        {
            upper[i] = Remainder16.Split(BitConverter.SingleToInt32Bits(source[i]), out remainders[i]);
        }
    }

    private static void Join128(ushort* upper, short* remainders, float* target, int length)
    {
        int i = 0;
        for (; i <= length - Vector128<ushort>.Count; i += Vector128<ushort>.Count)
        {
            CachePrefetch.Ahead(upper + i);
            CachePrefetch.Ahead((ushort*)remainders + i);
            (Vector128<uint> u0, Vector128<uint> u1) = Vector128.Widen(Vector128.Load(upper + i));
            (Vector128<int> r0, Vector128<int> r1) = Vector128.Widen(Vector128.Load(remainders + i));
            Remainder16.Join(u0.AsInt32(), r0).AsSingle().Store(target + i);
            Remainder16.Join(u1.AsInt32(), r1).AsSingle().Store(target + i + Vector128<float>.Count);
        }

        JoinScalar(upper + i, remainders + i, target + i, length - i);
    }

    private static void Split128(float* source, ushort* upper, short* remainders, int length)
    {
        Vector128<int> others = Vector128<int>.Zero;
        int i = 0;
        for (; i <= length - Vector128<ushort>.Count; i += Vector128<ushort>.Count)
        {
            Vector128<int> x0 = Vector128.Load(source + i).AsInt32();
            Vector128<int> x1 = Vector128.Load(source + i + Vector128<float>.Count).AsInt32();
            others |= Remainder16.IsNaN(x0) | Remainder16.IsNaN(x1);
            ElementPacking.Pack(Remainder16.Upper(x0), Remainder16.Upper(x1)).Store(upper + i);
            ElementPacking.Pack(Remainder16.Lower(x0), Remainder16.Lower(x1)).AsInt16().Store(remainders + i);
        }

        // NaN is rare, and the elements are taken one by one then.
        int taken = others == Vector128<int>.Zero ? i : 0;
        SplitScalar(source + taken, upper + taken, remainders + taken, length - taken);
    }

    private static void Join256(ushort* upper, short* remainders, float* target, int length)
    {
        int i = 0;
        for (; i <= length - Vector256<ushort>.Count; i += Vector256<ushort>.Count)
        {
            CachePrefetch.Ahead(upper + i);
            CachePrefetch.Ahead((ushort*)remainders + i);
            (Vector256<uint> u0, Vector256<uint> u1) = Vector256.Widen(Vector256.Load(upper + i));
            (Vector256<int> r0, Vector256<int> r1) = Vector256.Widen(Vector256.Load(remainders + i));
            Remainder16.Join(u0.AsInt32(), r0).AsSingle().Store(target + i);
            Remainder16.Join(u1.AsInt32(), r1).AsSingle().Store(target + i + Vector256<float>.Count);
        }

        JoinScalar(upper + i, remainders + i, target + i, length - i);
    }

    private static void Split256(float* source, ushort* upper, short* remainders, int length)
    {
        Vector256<int> others = Vector256<int>.Zero;
        int i = 0;
        for (; i <= length - Vector256<ushort>.Count; i += Vector256<ushort>.Count)
        {
            Vector256<int> x0 = Vector256.Load(source + i).AsInt32();
            Vector256<int> x1 = Vector256.Load(source + i + Vector256<float>.Count).AsInt32();
            others |= Remainder16.IsNaN(x0) | Remainder16.IsNaN(x1);
            ElementPacking.Pack(Remainder16.Upper(x0), Remainder16.Upper(x1)).Store(upper + i);
            ElementPacking.Pack(Remainder16.Lower(x0), Remainder16.Lower(x1)).AsInt16().Store(remainders + i);
        }

        int taken = others == Vector256<int>.Zero ? i : 0;
        SplitScalar(source + taken, upper + taken, remainders + taken, length - taken);
    }

    private static void Join512(ushort* upper, short* remainders, float* target, int length)
    {
        int i = 0;
        for (; i <= length - Vector512<ushort>.Count; i += Vector512<ushort>.Count)
        {
            CachePrefetch.Ahead(upper + i);
            CachePrefetch.Ahead((ushort*)remainders + i);
            (Vector512<uint> u0, Vector512<uint> u1) = Vector512.Widen(Vector512.Load(upper + i));
            (Vector512<int> r0, Vector512<int> r1) = Vector512.Widen(Vector512.Load(remainders + i));
            Remainder16.Join(u0.AsInt32(), r0).AsSingle().Store(target + i);
            Remainder16.Join(u1.AsInt32(), r1).AsSingle().Store(target + i + Vector512<float>.Count);
        }

        JoinScalar(upper + i, remainders + i, target + i, length - i);
    }

    private static void Split512(float* source, ushort* upper, short* remainders, int length)
    {
        Vector512<int> others = Vector512<int>.Zero;
        int i = 0;
        for (; i <= length - Vector512<ushort>.Count; i += Vector512<ushort>.Count)
        {
            Vector512<int> x0 = Vector512.Load(source + i).AsInt32();
            Vector512<int> x1 = Vector512.Load(source + i + Vector512<float>.Count).AsInt32();
            others |= Remainder16.IsNaN(x0) | Remainder16.IsNaN(x1);
            ElementPacking.Pack(Remainder16.Upper(x0), Remainder16.Upper(x1)).Store(upper + i);
            ElementPacking.Pack(Remainder16.Lower(x0), Remainder16.Lower(x1)).AsInt16().Store(remainders + i);
        }

        int taken = others == Vector512<int>.Zero ? i : 0;
        SplitScalar(source + taken, upper + taken, remainders + taken, length - taken);
    }
}
