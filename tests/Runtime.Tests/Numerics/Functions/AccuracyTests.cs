using Requant.CompilerServices;

namespace Requant.Runtime.Tests.Numerics.Functions;

/// <summary>Functions against double precision: the stated error, and the values that are exact or special.</summary>
public class AccuracyTests
{
    public static TheoryData<string> Names => Function.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void Function_AllOverTheRange_IsWithinItsBound(string name)
    {
        var function = Function.Find(name);
        foreach (float x in Arguments.Spread)
        {
            float actual = function.Scalar(x);
            double error = Ulp.Error(actual, function.Exact(x));
            Assert.True(
                error <= function.MaxUlps,
                $"{name}({x:R}) is {actual:R} instead of {function.Exact(x):R}: {error:F3} ulp");
        }
    }

    [Fact]
    public void Pow_AllOverTheRange_IsWithinItsBound()
    {
        foreach ((float x, float y) in Arguments.Pairs)
        {
            float actual = ElementMath.Pow(x, y);
            double error = Ulp.Error(actual, Math.Pow(x, y));
            Assert.True(
                error <= Function.PowUlps,
                $"Pow({x:R}, {y:R}) is {actual:R} instead of {Math.Pow(x, y):R}: {error:F3} ulp");
        }
    }

    [Fact]
    public void Atan2_AllOverThePlane_IsWithinItsBound()
    {
        foreach ((float y, float x) in Arguments.Pairs)
        {
            float actual = ElementMath.Atan2(y, x);
            double error = Ulp.Error(actual, Math.Atan2(y, x));
            Assert.True(
                error <= Function.Atan2Ulps,
                $"Atan2({y:R}, {x:R}) is {actual:R} instead of {Math.Atan2(y, x):R}: {error:F3} ulp");
        }
    }

    [Fact]
    public void Atan2_OfEdges_IsThatOfCSharp()
    {
        foreach (float y in Arguments.Edges)
        {
            foreach (float x in Arguments.Edges)
            {
                (float actual, float expected) = (ElementMath.Atan2(y, x), MathF.Atan2(y, x));
                Assert.True(
                    KindOf(actual) == KindOf(expected) && !(Ulp.Error(actual, Math.Atan2(y, x)) > Function.Atan2Ulps),
                    $"Atan2({y:R}, {x:R}) is {actual:R}, in C# {expected:R}");
            }
        }
    }

    /// <summary>Every kind of special value is in the edges; C# says what it gives.</summary>
    [Fact]
    public void Pow_OfEdges_HasTheKindOfResultThatCSharpHas()
    {
        foreach (float x in Arguments.Edges)
        {
            foreach (float y in Arguments.Edges)
            {
                (float actual, float expected) = (ElementMath.Pow(x, y), MathF.Pow(x, y));
                Assert.True(KindOf(actual) == KindOf(expected), $"Pow({x:R}, {y:R}) is {actual:R}, in C# {expected:R}");
            }
        }
    }

    [Fact]
    public void Log2_OfPowersOfTwo_IsExact()
    {
        for (int exponent = -149; exponent < 128; exponent++)
        {
            Assert.Equal(exponent, ElementMath.Log2(MathF.ScaleB(1f, exponent)));
        }
    }

    [Fact]
    public void Pow_OfTwo_IsExact()
    {
        for (int exponent = -149; exponent < 128; exponent++)
        {
            Assert.Equal(MathF.ScaleB(1f, exponent), ElementMath.Pow(2f, exponent));
        }
    }

    [Fact]
    public void Pow_ToTheFirst_IsTheBase() =>
        Assert.All(Arguments.Edges, x => Assert.Equal(x, ElementMath.Pow(x, 1f)));

    [Fact]
    public void Cbrt_OfCubes_IsExact()
    {
        for (int root = -255; root <= 255; root++)
        {
            Assert.Equal(root, ElementMath.Cbrt(root * root * root));
        }
    }

    [Fact]
    public void Log10_OfPowersOfTen_IsExact()
    {
        for (int exponent = 0; exponent <= 10; exponent++)
        {
            Assert.Equal(exponent, ElementMath.Log10((float)Math.Pow(10, exponent)));
        }
    }

    [Fact]
    public void OddAndEvenFunctions_OfNegatedArgument_AreSymmetric()
    {
        foreach (float x in Arguments.Spread.Where(float.IsFinite))
        {
            Assert.Equal(-ElementMath.Sin(x), ElementMath.Sin(-x));
            Assert.Equal(ElementMath.Cos(x), ElementMath.Cos(-x));
            Assert.Equal(-ElementMath.Tanh(x), ElementMath.Tanh(-x));
            Assert.Equal(-ElementMath.Tan(x), ElementMath.Tan(-x));
            Assert.Equal(-ElementMath.Asin(x), ElementMath.Asin(-x));
        }
    }

    [Fact]
    public void BoundedFunctions_OfAnyFiniteArgument_StayWithinOne()
    {
        foreach (float x in Arguments.Spread.Where(float.IsFinite))
        {
            Assert.InRange(ElementMath.Sin(x), -1f, 1f);
            Assert.InRange(ElementMath.Cos(x), -1f, 1f);
            Assert.InRange(ElementMath.Tanh(x), -1f, 1f);
        }
    }

    [Theory]
    [InlineData(3f, 0f, 2f, 2f)]
    [InlineData(-3f, 0f, 2f, 0f)]
    [InlineData(1f, 0f, 2f, 1f)]
    [InlineData(-0f, 0f, 2f, -0f)]
    [InlineData(1f, 2f, 0f, 0f)]
    [InlineData(float.NaN, 0f, 1f, float.NaN)]
    [InlineData(5f, float.NaN, 1f, 1f)]
    [InlineData(-5f, 0f, float.NaN, 0f)]
    [InlineData(float.PositiveInfinity, -1f, 1f, 1f)]
    public void Clamp_OfOneValue_IsThatOfCSharpOrTheUpperLimit(float x, float min, float max, float expected)
    {
        Assert.Equal(
            BitConverter.SingleToInt32Bits(expected), BitConverter.SingleToInt32Bits(ElementMath.Clamp(x, min, max)));
        Assert.Equal(HostMath.Clamp(x, min, max), ElementMath.Clamp(x, min, max));
    }

    private static (bool, bool, bool, bool) KindOf(float x) =>
        float.IsNaN(x) ? (true, false, false, false) : (false, float.IsInfinity(x), x == 0, float.IsNegative(x));
}
