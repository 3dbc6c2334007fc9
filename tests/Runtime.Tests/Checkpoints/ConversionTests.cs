using System.Text.Json.Nodes;
using Requant.Runtime.Tests.Support;

namespace Requant.Runtime.Tests.Checkpoints;

/// <summary>States that are stored in another way are converted when asked for, and only then.</summary>
public sealed class ConversionTests
{
    private static readonly OptimizerOptions InFloat32 = new() { KeepFloat32 = ["long"] };

    [Fact]
    public void Load_QuantizedIntoFloat32_DecodesExactly()
    {
        using Optimizer<Adam> source = Saved.Make(1);
        using Optimizer<Adam> optimizer = Saved.Make(2, InFloat32);

        Saved.Load(optimizer, Saved.Bytes(source), new LoadOptions { ConvertPrecision = true });

        Assert.All(
            (string[])["m", "v"],
            name => Assert.Equal(Values(source, name), optimizer.Parameters[0].States[name].Values.ToArray()));
        Assert.Equal(source.Parameters[0].Step, optimizer.Parameters[0].Step);
    }

    [Fact]
    public void Load_Float32IntoQuantized_EncodesToTheNearest()
    {
        using Optimizer<Adam> source = Saved.Make(1, InFloat32);
        using Optimizer<Adam> optimizer = Saved.Make(2);
        source.Parameters[0].States["v"].SetValues(256, new float[256]);

        Saved.Load(optimizer, Saved.Bytes(source), new LoadOptions { ConvertPrecision = true });

        AssertNearest(optimizer, source, 256);
        Assert.Equal(0f, optimizer.Parameters[0].States["v"].Absmax[1]);
    }

    [Fact]
    public void Load_OtherBlockSize_EncodesAnew()
    {
        using Optimizer<Adam> source = Saved.Make(1);
        using Optimizer<Adam> optimizer = Saved.Make(2, new OptimizerOptions { BlockSize = 96 });

        Saved.Load(optimizer, Saved.Bytes(source), new LoadOptions { ConvertBlockSize = true });

        AssertNearest(optimizer, source, 96);
    }

    [Fact]
    public void Load_OtherCodec_EncodesAnew()
    {
        using Optimizer<Adam> source = Saved.Make(1);
        using Optimizer<Adam> optimizer = Saved.Make(2);
        QuantizedState state = source.Parameters[0].States["m"];
        state.SetCodes(0, [.. state.Codes.ToArray().Select(code => Math.Min(code, (byte)254))]);
        byte[] softSign = Saved.EditManifest(Saved.Bytes(source), MakeSoftSign);

        Saved.Load(optimizer, softSign, new LoadOptions { ConvertCodec = true });

        float[] expected = [.. state.Codes.ToArray()
            .Select((code, i) => Codebook.For(Codec.SoftSign).Decode(code) * state.Absmax[i / 256])];
        AssertNearest(optimizer.Parameters[0].States["m"], expected, 256);
    }

    [Fact]
    public void Load_CodeThatTheOtherCodecLacks_IsRefused()
    {
        using Optimizer<Adam> source = Saved.Make(1);
        source.Parameters[0].States["m"].SetCodes(7, [255]);
        byte[] softSign = Saved.EditManifest(Saved.Bytes(source), MakeSoftSign);

        AssertRefused(
            softSign, new LoadOptions { ConvertCodec = true }, "'long.m.codes'", "255", "none of those of SoftSign");
    }

    [Theory]
    [InlineData("m", float.NaN)]
    [InlineData("m", float.NegativeInfinity)]
    [InlineData("v", -1f)]
    public void Load_ValueThatNoCodeIsFor_IsRefused(string state, float value)
    {
        using Optimizer<Adam> source = Saved.Make(1, InFloat32);
        source.Parameters[0].States[state].SetValues(4000, [value], verbatim: true);

        AssertRefused(
            Saved.Bytes(source), new LoadOptions { ConvertPrecision = true },
            $"'{state}' of 'long' is {value} at element 4000", "finite");
    }

    [Fact]
    public void Load_OptionForSomethingElse_IsRefused()
    {
        using Optimizer<Adam> inFloat32 = Saved.Make(1, InFloat32);
        using Optimizer<Adam> inBlocks = Saved.Make(1, new OptimizerOptions { BlockSize = 96 });

        AssertRefused(
            Saved.Bytes(inFloat32),
            new LoadOptions { ConvertCodec = true, ConvertBlockSize = true, AcceptOtherHash = true },
            "ConvertPrecision");
        AssertRefused(
            Saved.Bytes(inBlocks),
            new LoadOptions { ConvertCodec = true, ConvertPrecision = true, AcceptOtherHash = true },
            "ConvertBlockSize");
    }

    private static void AssertRefused(byte[] bytes, LoadOptions options, params string[] says)
    {
        using Optimizer<Adam> optimizer = Saved.Make(2);
        byte[] before = Saved.Bytes(optimizer);

        CheckpointException exception = Assert.Throws<CheckpointException>(() => Saved.Load(optimizer, bytes, options));

        Assert.All(says, text => Assert.Contains(text, exception.Message, StringComparison.Ordinal));
        Assert.Equal(before, Saved.Bytes(optimizer));
    }

    private static void MakeSoftSign(JsonObject manifest) =>
        manifest["parameters"]![0]!["states"]![0]!["codec"] = "SoftSign";

    private static void AssertNearest(Optimizer<Adam> actual, Optimizer<Adam> source, int blockSize)
    {
        foreach (string name in (string[])["m", "v"])
        {
            AssertNearest(actual.Parameters[0].States[name], Values(source, name), blockSize);
        }
    }

    /// <summary>Each block's absmax is its largest magnitude, and no other code is nearer to any value, as far as
    /// float32 can tell; but codes without a sign store no positive value as 0, and those of the signed dynamic map are
    /// the paper's.</summary>
    internal static void AssertNearest(QuantizedState actual, float[] values, int blockSize)
    {
        Assert.Equal(blockSize, actual.BlockSize);
        var codebook = Codebook.For(actual.Codec);
        float[] map = (actual.Codec == Codec.Dynamic ? PaperDynamic.Values : codebook.Values).ToArray();
        float[] aboveZero = [.. map.Where(value => value > 0)];
        byte[] codes = actual.Codes.ToArray();
        float[] absmaxes = actual.Absmax.ToArray();
        for (int i = 0; i < values.Length; i++)
        {
            float absmax = absmaxes[i / blockSize];
            Assert.Equal(values.Skip(i / blockSize * blockSize).Take(blockSize).Max(MathF.Abs), absmax);
            if (absmax == 0)
            {
                Assert.Equal(codebook.ZeroCode, codes[i]);
                continue;
            }

            float scaled = values[i] * (1f / absmax);
            double least =
                (codebook.IsUnsigned && scaled > 0 ? aboveZero : map).Min(value => Math.Abs((double)value - scaled));
            Assert.Equal(least, Math.Abs((double)map[codes[i]] - scaled));
        }
    }

    private static float[] Values(Optimizer<Adam> optimizer, string state)
    {
        float[] values = new float[Saved.LongLength];
        optimizer.Parameters[0].States[state].Dequantize(values);
        return values;
    }
}
