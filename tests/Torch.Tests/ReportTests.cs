using System.Globalization;
using System.Text.Json;
using Microsoft.DotNet.Interactive.Formatting;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Requant.Torch.Tests;

public sealed class ReportTests
{
    [Fact]
    public void Rows_SayWhatIsKept()
    {
        using var optimizer = new TorchOptimizer<OwnSize>(
            [("w", Some.Parameter(1, 10, 500)), ("b", new Parameter(Some.Values(2, 10).to(ScalarType.BFloat16)))],
            new OwnSize());

        OptimizerReport report = optimizer.Report();

        Assert.Equal(4, report.Rows.Count);
        OptimizerReportRow first = report.Rows[0];
        Assert.Equal([10, 500], first.Shape);
        Assert.Equal(
            ("w", ScalarType.Float32, "m", 8, Codec.Linear, 512, 5000 + (10 * 4), 20_000),
            (first.Parameter, first.Type, first.State, first.Bits, first.Codec, first.BlockSize, first.StateBytes,
                first.Float32Bytes));
        Assert.Equal(("w", "v", Codec.Dynamic, 512), Short(report.Rows[1]));
        Assert.Equal(("b", "m", Codec.Float32, null), Short(report.Rows[2]));
        Assert.Equal(
            (ScalarType.BFloat16, 32, 40), (report.Rows[2].Type, report.Rows[2].Bits, report.Rows[2].StateBytes));
        Assert.Equal(optimizer.StateBytes, report.StateBytes);
        Assert.Equal(2 * 4 * 5010, report.Float32Bytes);

        static (string, string?, Codec?, int?) Short(OptimizerReportRow row) =>
            (row.Parameter, row.State, row.Codec, row.BlockSize);
    }

    /// <summary>Linear has the values (k - 127) / 127, so whatever rounds to one is at most half of
    /// 1/127 from it.</summary>
    [Fact]
    public void ErrorBound_OfLinearCodes_IsWhatAHandComputes()
    {
        using var optimizer = new TorchOptimizer<OwnSize>([Some.Parameter(1, 1024)], new OwnSize(),
            new TorchOptions { MinQuantizedLength = 0 });
        QuantizedState m = optimizer.States[0].State.States["m"];
        byte[] codes = new byte[1024];
        // 512 values of 1, and 512 of -1/2 in steps of 1/127: -63/127.
        codes.AsSpan(0, 512).Fill(254);
        codes.AsSpan(512).Fill(64);
        m.SetCodes(0, codes);
        m.SetAbsmax(0, [3, 2]);

        double? bound = optimizer.Report().Rows[0].ErrorBound;

        // Each distance is absmax / 254; the magnitudes are 3 and 2 * 63/127.
        const double RoundingTolerance = 1e-6;
        Assert.Equal((3.0 + 2) / 254 / (3 + (2 * 63.0 / 127)), bound!.Value, RoundingTolerance);
        Assert.Null(optimizer.Report().Rows[1].ErrorBound);
    }

    public static TheoryData<Codec> Quantizing => [.. Enum.GetValues<Codec>().Where(codec => codec != Codec.Float32)];

    /// <summary>Every value that is encoded is as near to what is stored as the bound says, and the
    /// farthest are as far.</summary>
    [Theory, MemberData(nameof(Quantizing))]
    public void Farthest_OfEveryCodec_IsTheFarthestThatEncodes(Codec codec)
    {
        Codebook codebook = Codebook.For(codec);
        double[] farthest = QuantizationError.Farthest(codebook, StateRounding.Nearest);
        double[] found = new double[farthest.Length];
        const int Count = 2_000_000;
        for (int i = codebook.IsUnsigned ? 0 : -Count; i <= Count; i++)
        {
            float value = (float)i / Count;
            byte code = codebook.Encode(value);
            found[code] = Math.Max(found[code], Math.Abs((double)value - codebook.Decode(code)));
        }

        // The samples are 1 / Count apart, and float32 rounds the middles between values.
        const double SamplingTolerance = 1.1 / Count;
        Assert.All(farthest.Zip(found), pair => Assert.Equal(pair.First, pair.Second, SamplingTolerance));
    }

    /// <summary>Rounded stochastically, a value may be stored as the farther one of the two around it; the nearer a
    /// random byte lets it come to that one's own value, the seldomer.</summary>
    [Theory, MemberData(nameof(Quantizing))]
    public void Farthest_OfStochasticRounding_IsTheGap(Codec codec)
    {
        Codebook codebook = Codebook.For(codec);
        double[] farthest = QuantizationError.Farthest(codebook, StateRounding.Stochastic);
        double[] found = new double[farthest.Length];
        const int Count = 200_000;
        for (int i = codebook.IsUnsigned ? 0 : -Count; i <= Count; i++)
        {
            float value = (float)i / Count;
            foreach (byte random in (byte[])[0, byte.MaxValue])
            {
                byte code = codebook.EncodeStochastic(value, random);
                found[code] = Math.Max(found[code], Math.Abs((double)value - codebook.Decode(code)));
            }
        }

        // The samples are 1 / Count apart, and a place between two values is one of 256.
        const double SamplingTolerance = 1.1 / Count;
        const double Nearest = 1 - (2.0 / 256);
        Assert.All(farthest.Zip(found), pair => Assert.InRange(
            pair.Second, (pair.First * Nearest) - SamplingTolerance, pair.First + SamplingTolerance));
    }

    [Fact]
    public void ErrorBound_OfFinerBlocks_IsSmaller()
    {
        double coarse = BoundWith(blockSize: 4096);
        double fine = BoundWith(blockSize: 64);

        Assert.InRange(fine, 0.001, 0.9 * coarse);

        static double BoundWith(int blockSize)
        {
            using var optimizer = new Adam8bit(
                [Some.Parameter(1, 8192)], options: new TorchOptions { BlockSize = blockSize });
            Some.Steps(optimizer, 10, 3);
            return optimizer.Report().Rows[0].ErrorBound!.Value;
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ToString_AnyCulture_IsThisTable(bool isOther)
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = isOther ? Other() : CultureInfo.InvariantCulture;
            using var optimizer = new TorchOptimizer<OwnSize>(
                [("encoder.0.weight", new Parameter(ones(10, 500))), ("encoder.0.bias", new Parameter(ones(10)))],
                new OwnSize());
            optimizer.States[0].Parameter.grad = ones(10, 500);
            optimizer.States[1].Parameter.grad = ones(10);
            optimizer.step();

            Assert.Equal(
                """
                parameter         shape      dtype    state  bits  codec    block  bytes   error
                encoder.0.weight  [10, 500]  Float32  m         8  Linear     512  5,040  0.39 %
                                                      v         8  Dynamic    512  5,040  0.35 %
                encoder.0.bias    [10]       Float32  m        32  Float32      -     40       -
                                                      v        32  Float32      -     40       -
                10,160 bytes of states; float32 would take 40,080, 25.3 % of it
                error: how far stored values are from those encoded last, at most, in % of their magnitude

                """.ReplaceLineEndings("\n"),
                optimizer.Report().ToString());
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void ToCsv_InACultureWithCommas_HasNumbersThatAnyProgramReads()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = Other();
            using var optimizer = new Adam8bit([Some.Parameter(1, 8192)]);
            Some.Steps(optimizer, 1, 3);
            OptimizerReport report = optimizer.Report();

            string[] cells = report.ToCsv().Split('\n')[1].Split(',');

            Assert.Equal(report.Rows[0].ErrorBound, double.Parse(cells[^1], CultureInfo.InvariantCulture));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Theory]
    [InlineData("layers.11.attention", StateRounding.Nearest)]
    [InlineData("transformer.decoder.layers.11.self_attention.query_key_value.weight", StateRounding.Stochastic)]
    public void ToString_OfALargeModel_FitsInAHundredColumns(string name, StateRounding rounding)
    {
        using var optimizer = new Adam8bit(
            [(name, new Parameter(zeros([512, 2, 3, 3, 512])))],
            options: new TorchOptions { StateRounding = rounding });

        string[] lines = optimizer.Report().ToString().Split('\n');

        Assert.All(lines, line => Assert.InRange(line.Length, 0, ReportTable.MaxColumns));
        Assert.Equal(name, lines[1].Split(' ')[0]);
        Assert.Equal(2, lines.Count(line => line.Contains("4,792,320", StringComparison.Ordinal)));
    }

    [Fact]
    public void ToString_OfALongName_HasALineForIt()
    {
        const string Name = "transformer.decoder.layers.11.attention.query_key_value.projection.weight";
        using var optimizer = new TorchOptimizer<OwnSize>(
            [(Name, new Parameter(ones(10, 500))), ("bias", new Parameter(ones(10)))], new OwnSize());

        Assert.Equal(
            $"""
            parameter                              shape      dtype    state  bits  codec    block  bytes  error
            {Name}
                                                   [10, 500]  Float32  m         8  Linear     512  5,040      -
                                                                       v         8  Dynamic    512  5,040      -
            bias                                   [10]       Float32  m        32  Float32      -     40      -
            """.ReplaceLineEndings("\n"),
            string.Join('\n', optimizer.Report().ToString().Split('\n').Take(5)));
    }

    /// <summary>The machine may have no culture but the invariant one.</summary>
    private static CultureInfo Other()
    {
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.NumberFormat = new NumberFormatInfo { NumberDecimalSeparator = ",", NumberGroupSeparator = "." };
        return culture;
    }

    private static TorchOptimizer<OwnSize> Odd() => new(
        [("a \"b\", c", new Parameter(ones(10, 500))), ("<i>", new Parameter(ones(10)))], new OwnSize());

    [Fact]
    public void ToCsv_NamesWithCommasAndQuotes_AreQuoted()
    {
        using TorchOptimizer<OwnSize> optimizer = Odd();

        Assert.Equal(
            """
            parameter,shape,type,state,bits,codec,rounding,blockSize,stateBytes,float32Bytes,errorBound
            "a ""b"", c",10x500,Float32,m,8,Linear,Nearest,512,5040,20000,
            "a ""b"", c",10x500,Float32,v,8,Dynamic,Nearest,512,5040,20000,
            <i>,10,Float32,m,32,Float32,,,40,40,
            <i>,10,Float32,v,32,Float32,,,40,40,

            """.ReplaceLineEndings("\n"),
            optimizer.Report().ToCsv());
    }

    [Fact]
    public void ToJson_HasTheRowsAndTheSums()
    {
        using TorchOptimizer<OwnSize> optimizer = Odd();

        using var json = JsonDocument.Parse(optimizer.Report().ToJson());

        Assert.Equal(optimizer.StateBytes, json.RootElement.GetProperty("stateBytes").GetInt64());
        Assert.Equal(2 * 4 * 5010, json.RootElement.GetProperty("float32Bytes").GetInt64());
        JsonElement row = json.RootElement.GetProperty("rows")[0];
        Assert.Equal("a \"b\", c", row.GetProperty("parameter").GetString());
        Assert.Equal([10, 500], row.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64()));
        Assert.Equal("Float32", row.GetProperty("type").GetString());
        Assert.Equal("Linear", row.GetProperty("codec").GetString());
        Assert.Equal("Nearest", row.GetProperty("rounding").GetString());
        Assert.Equal(512, row.GetProperty("blockSize").GetInt32());
        Assert.Equal(JsonValueKind.Null, row.GetProperty("errorBound").ValueKind);
    }

    /// <summary>.NET Interactive's own formatting, as a notebook calls it.</summary>
    [Fact]
    public void Report_InANotebook_IsATable()
    {
        using TorchOptimizer<OwnSize> optimizer = Odd();

        string html = optimizer.Report().ToDisplayString(HtmlFormatter.MimeType);

        Assert.StartsWith("<table><thead><tr><th>parameter</th><th>shape</th>", html, StringComparison.Ordinal);
        Assert.Contains("<td>&lt;i&gt;</td><td>[10]</td>", html, StringComparison.Ordinal);
        Assert.Contains("10,160 bytes of states; float32 would take 40,080", html, StringComparison.Ordinal);
        Assert.Equal(
            optimizer.Report().ToString(), optimizer.Report().ToDisplayString(PlainTextFormatter.MimeType));
    }

    [Fact]
    public void Report_WithoutStates_HasARowForEachParameter()
    {
        using var optimizer = new Sgd8bit([("w", Some.Parameter(1, 5000))], 0.1);
        Some.Steps(optimizer, 10, 1);

        OptimizerReportRow row = Assert.Single(optimizer.Report().Rows);

        Assert.Equal((null, 0, null, 0), (row.State, row.Bits, row.Codec, row.StateBytes));
        Assert.Contains(
            "0 bytes of states; float32 would take 0\n", optimizer.Report().ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Report_AfterModelIsDisposed_StillSaysIt()
    {
        Parameter parameter = Some.Parameter(1, 5000);
        using var optimizer = new Adam8bit([parameter]);
        Some.Steps(optimizer, 10, 1);
        string before = optimizer.Report().ToString();

        parameter.Dispose();

        Assert.Equal(before, optimizer.Report().ToString());
    }

    [Fact]
    public void Report_AfterDispose_ThrowsObjectDisposed()
    {
        var optimizer = new Adam8bit([Some.Parameter(1, 5)]);
        optimizer.Dispose();

        Assert.Throws<ObjectDisposedException>(optimizer.Report);
    }
}
