using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Requant.CompilerServices;
using Requant.Numerics.Functions;
using Requant.Tests;

namespace Requant.Runtime.Tests.Numerics.Functions;

/// <summary>One lane is what a function means; any other number of lanes gives the same bits, those of
/// NaN among them.</summary>
public class LaneAgreementTests
{
    private const int ProductSeed = 5;

    private static readonly int ProductCount = LongRun.Of(200_000, 500_000);

    public static TheoryData<string> Names => Function.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void Function_OnVectors_GivesTheBitsOfOneLane(string name)
    {
        var function = Function.Find(name);
        float[] arguments = Padded(Arguments.Spread);
        int[] expected = Bits(Array.ConvertAll(arguments, x => function.Scalar(x)));

        AssertSame(name, arguments, expected, Each<Vector128<float>>(arguments, v => function.Vector128(v)));
        AssertSame(name, arguments, expected, Each<Vector256<float>>(arguments, v => function.Vector256(v)));
        AssertSame(name, arguments, expected, Each<Vector512<float>>(arguments, v => function.Vector512(v)));
    }

    [Fact]
    public void Pow_OnVectors_GivesTheBitsOfOneLane()
    {
        float[] bases = Padded([.. Arguments.Pairs.Select(pair => pair.X)]);
        float[] exponents = Padded([.. Arguments.Pairs.Select(pair => pair.Y)]);
        int[] expected = Bits([.. bases.Zip(exponents, ElementMath.Pow)]);

        AssertSame("Pow", bases, expected, Each<Vector128<float>>(bases, exponents, ElementMath.Pow));
        AssertSame("Pow", bases, expected, Each<Vector256<float>>(bases, exponents, ElementMath.Pow));
        AssertSame("Pow", bases, expected, Each<Vector512<float>>(bases, exponents, ElementMath.Pow));
    }

    [Fact]
    public void Atan2_OnVectors_GivesTheBitsOfOneLane()
    {
        float[] y = Padded([.. Arguments.Pairs.Select(pair => pair.X)]);
        float[] x = Padded([.. Arguments.Pairs.Select(pair => pair.Y)]);
        int[] expected = Bits([.. y.Zip(x, ElementMath.Atan2)]);

        AssertSame("Atan2", y, expected, Each<Vector128<float>>(y, x, ElementMath.Atan2));
        AssertSame("Atan2", y, expected, Each<Vector256<float>>(y, x, ElementMath.Atan2));
        AssertSame("Atan2", y, expected, Each<Vector512<float>>(y, x, ElementMath.Atan2));
    }

    [Fact]
    public void Clamp_OnVectors_GivesTheBitsOfOneLane()
    {
        float[] first = Padded([.. Arguments.Pairs.Select(pair => pair.X)]);
        float[] second = Padded([.. Arguments.Pairs.Select(pair => pair.Y)]);
        foreach (float limit in (float[])[1f, -0f, float.NaN, float.NegativeInfinity])
        {
            int[] expected = Bits([.. first.Zip(second, (x, y) => ElementMath.Clamp(x, y, limit))]);

            AssertSame(
                "Clamp", first, expected,
                Each<Vector128<float>>(first, second, (x, y) => ElementMath.Clamp(x, y, Vector128.Create(limit))));
            AssertSame(
                "Clamp", first, expected,
                Each<Vector256<float>>(first, second, (x, y) => ElementMath.Clamp(x, y, Vector256.Create(limit))));
            AssertSame(
                "Clamp", first, expected,
                Each<Vector512<float>>(first, second, (x, y) => ElementMath.Clamp(x, y, Vector512.Create(limit))));
        }
    }

    /// <summary>One lane splits its factors, vectors use fused multiply-adds where the machine has them: both
    /// must be exact.</summary>
    [Fact]
    public void ProductError_OfNormalProducts_IsExact()
    {
        var random = new Random(ProductSeed);
        for (int i = 0; i < ProductCount; i++)
        {
            float x = Normal(random);
            float y = Normal(random);
            float product = x * y;
            float expected = (float)(((double)x * y) - product);

            Assert.Equal(expected, ScalarLanes.ProductError(new(x), new(y), new(product)).Value);
            Assert.Equal(
                expected, Lanes128.ProductError(Lanes128.Of(x), Lanes128.Of(y), Lanes128.Of(product)).Value.ToScalar());
        }
    }

    private static float Normal(Random random) =>
        BitConverter.UInt32BitsToSingle(
            ((uint)random.Next(2) << 31) | ((uint)random.Next(97, 157) << 23) | (uint)random.Next(1 << 23));

    private static float[] Padded(float[] values) =>
        [.. values, .. new float[-values.Length & (Vector512<float>.Count - 1)]];

    private static float[] Each<TVector>(float[] arguments, Func<TVector, TVector> function) where TVector : struct =>
        MemoryMarshal.Cast<TVector, float>(
            Array.ConvertAll(MemoryMarshal.Cast<float, TVector>(arguments).ToArray(), v => function(v)))
            .ToArray();

    private static float[] Each<TVector>(float[] first, float[] second, Func<TVector, TVector, TVector> function)
        where TVector : struct
    {
        TVector[] x = MemoryMarshal.Cast<float, TVector>(first).ToArray();
        TVector[] y = MemoryMarshal.Cast<float, TVector>(second).ToArray();
        return MemoryMarshal.Cast<TVector, float>(x.Zip(y, function).ToArray()).ToArray();
    }

    private static int[] Bits(float[] values) => MemoryMarshal.Cast<float, int>(values).ToArray();

    private static void AssertSame(string name, float[] arguments, int[] expected, float[] actual)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(
                expected[i] == BitConverter.SingleToInt32Bits(actual[i]),
                $"{name}({arguments[i]:R}, ..) in one lane is {BitConverter.Int32BitsToSingle(expected[i]):R}, "
                + $"in vectors {actual[i]:R}");
        }
    }
}
