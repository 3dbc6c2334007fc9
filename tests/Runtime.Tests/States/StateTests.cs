using Requant.Runtime.Tests.Support;

namespace Requant.Runtime.Tests.States;

public sealed class StateTests : IDisposable
{
    private readonly Optimizer<Adam> _adam = new(
        new Adam(), new OptimizerOptions { KeepFloat32 = ["delicate"] });

    public void Dispose() => _adam.Dispose();

    [Fact]
    public void Add_LongTensor_StartsQuantizedAtZero()
    {
        ParameterState state = _adam.Add("w", 5000);
        QuantizedState m = state.States["m"];
        QuantizedState v = state.States["v"];

        Assert.True(state.IsQuantized);
        Assert.Equal(0, state.Step);
        Assert.Equal((Codec.Dynamic, Codec.DynamicUnsigned), (m.Codec, v.Codec));
        Assert.Equal((256, 5000L, 20L), (m.BlockSize, m.Length, m.BlockCount));
        Assert.Equal(5000, m.Codes.Length);
        Assert.False(m.Codes.ContainsAnyExcept((byte)127));
        Assert.False(v.Codes.ContainsAnyExcept((byte)0));
        Assert.Equal(new float[20], m.Absmax.ToArray());
        Assert.Equal(5000 + (20 * sizeof(float)), m.StateBytes);
        Assert.Equal(2 * m.StateBytes, state.StateBytes);
        Assert.Same(m, state.States[0]);
        Assert.Equal(2, state.States.Count);
    }

    [Theory]
    [InlineData("w", 4095)]
    [InlineData("delicate", 5000)]
    public void Add_ShortOrNamedTensor_KeepsFloat32AndSaysSo(string name, int length)
    {
        ParameterState state = _adam.Add(name, length);
        QuantizedState m = state.States["m"];

        Assert.False(state.IsQuantized);
        Assert.Equal(Codec.Float32, m.Codec);
        Assert.Equal(new float[length], m.Values.ToArray());
        Assert.Equal(2L * length * sizeof(float), state.StateBytes);
        Assert.Contains("float32", state.ToString(), StringComparison.Ordinal);
        Assert.Contains("float32", m.ToString(), StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => m.Codes.Length);
        Assert.Throws<InvalidOperationException>(() => m.Absmax.Length);
    }

    [Fact]
    public void Values_QuantizedState_ThrowsAndNamesDequantize()
    {
        QuantizedState m = _adam.Add("w", 5000).States["m"];

        Assert.Contains("Dequantize", Assert.Throws<InvalidOperationException>(() => m.Values.Length).Message,
            StringComparison.Ordinal);
        Assert.DoesNotContain("float32", _adam.Parameters[0].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Add_BlockSizeOption_OverridesTheRule()
    {
        using var adam = new Optimizer<Adam>(new Adam(), new OptimizerOptions { BlockSize = 48 });

        Assert.Equal(105, adam.Add("w", 5000).States["v"].Absmax.Length);
    }

    [Fact]
    public void States_UnknownName_ThrowsWithTheKnownOnes()
    {
        ParameterState state = _adam.Add("w", 10);

        string message = Assert.Throws<KeyNotFoundException>(() => state.States["q"]).Message;

        Assert.Contains("'q'", message, StringComparison.Ordinal);
        Assert.Contains("m, v", message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => state.States[2]);
        Assert.Throws<ArgumentNullException>(() => state.States[null!]);
    }

    [Fact]
    public void Dequantize_CodesAndScalesSet_GivesTheirProduct()
    {
        QuantizedState m = _adam.Add("w", 5000).States["m"];
        m.SetCodes(4998, [255, 0]);
        m.SetAbsmax(19, [2f]);
        var values = new float[5000];

        m.Dequantize(values);

        Assert.Equal(2f, values[4998]);
        Assert.Equal(-2f, values[4999]);
        Assert.Equal(0f, values[0]);
        Assert.Equal([(byte)255, 0], m.GetCodes(4998, 2).ToArray());
    }

    [Fact]
    public void Dequantize_Float32State_CopiesValues()
    {
        QuantizedState m = _adam.Add("w", 3).States["m"];
        m.SetValues(1, [5f, 6f]);
        var values = new float[3];

        m.Dequantize(values);

        Assert.Equal([0f, 5f, 6f], values);
    }

    [Theory]
    [InlineData("m", float.NaN)]
    [InlineData("m", float.NegativeInfinity)]
    [InlineData("v", float.PositiveInfinity)]
    [InlineData("v", -float.Epsilon)]
    public void SetValues_ThatNoUpdateCanGoOnFrom_ThrowsAndChangesNothing(string name, float value)
    {
        QuantizedState state = _adam.Add("b", 5).States[name];
        state.SetValues(0, [1f, 2f]);

        ArgumentException exception = Assert.Throws<ArgumentException>(() => state.SetValues(0, [3f, value]));

        Assert.Contains($"element 1 of state '{name}' is {value}", exception.Message, StringComparison.Ordinal);
        Assert.Equal([1f, 2f, 0f, 0f, 0f], state.Values);
        state.SetValues(1, [value], verbatim: true);
        Assert.Equal(value, state.Values[1]);
    }

    [Fact]
    public void Set_BadInput_ThrowsAndChangesNothing()
    {
        QuantizedState m = _adam.Add("w", 5000).States["m"];
        QuantizedState plain = _adam.Add("b", 5).States["m"];

        Assert.Throws<ArgumentException>(() => m.SetAbsmax(0, [1f, -1f]));
        Assert.Throws<ArgumentException>(() => m.SetAbsmax(0, [1f, float.NaN]));
        Assert.Throws<ArgumentOutOfRangeException>(() => m.SetAbsmax(20, [1f]));
        Assert.Throws<ArgumentOutOfRangeException>(() => m.SetCodes(4999, [1, 2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => m.GetCodes(-1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => plain.SetValues(5, [1f]));
        Assert.Throws<ArgumentException>(() => m.Dequantize(new float[4999]));
        Assert.Throws<ArgumentOutOfRangeException>(() => _adam.Parameters[0].Step = -1);
        Assert.Equal(0f, m.Absmax[0]);
        Assert.Equal(127, m.Codes[4999]);
    }

    [Fact]
    public void Codes_DisposedOptimizer_Throws()
    {
        QuantizedState m = _adam.Add("w", 5000).States["m"];
        _adam.Dispose();

        Assert.Throws<ObjectDisposedException>(() => m.Codes.Length);
    }

    [Fact]
    public unsafe void Add_Length_AlignsStatesToCacheLines()
    {
        QuantizedState m = _adam.Add("w", 5000).States["m"];

        fixed (byte* codes = m.Codes)
        fixed (float* absmax = m.Absmax)
        {
            Assert.Equal(0, (nint)codes % 64);
            Assert.Equal(0, (nint)absmax % 64);
        }
    }
}
