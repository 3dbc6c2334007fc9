using System.Text.Json;
using Requant.Bench.Cpu;

namespace Requant.Bench.Tests;

/// <summary>The rows of <c>--json</c>, which other programs read.</summary>
public class CpuRowTests
{
    private static readonly Row Full = new("AdamW", "MiniFloat", "bf16", 200, 81920, 2, 5.25, 10.03, 1.5, 1.25, 7.5);

    [Fact]
    public void Json_Row_HasTheseNamesInThisOrder()
    {
        JsonElement row = Assert.Single(Parse(Full));

        Assert.Equal(
            """{"rule":"AdamW","codecs":"MiniFloat","dtype":"bf16","tensors":200,"elements":81920,"threads":2,"ms":5.25,"bytes_per_param":10.03,"ratio_stream":1.5,"speedup_torch_fused":1.25,"speedup_torchsharp":7.5}""",
            JsonSerializer.Serialize(row));
    }

    [Fact]
    public void Json_RowWithoutPeers_HasTheirNamesWithNull()
    {
        JsonElement row = Assert.Single(Parse(Full with { SpeedupTorchFused = null, SpeedupTorchSharp = null }));

        Assert.Equal(JsonValueKind.Null, row.GetProperty("speedup_torch_fused").ValueKind);
        Assert.Equal(JsonValueKind.Null, row.GetProperty("speedup_torchsharp").ValueKind);
    }

    [Fact]
    public void Json_SeveralRows_AreAnArrayInTheirOrder() => Assert.Equal(
        ["Lion", "Adam"], Parse(Full with { Rule = "Lion" }, Full with { Rule = "Adam" })
            .Select(row => row.GetProperty("rule").GetString()));

    [Theory]
    [InlineData("1x16M", 1, 16 * 1024 * 1024)]
    [InlineData("200x80K", 200, 80 * 1024)]
    [InlineData("2Kx5", 2048, 5)]
    [InlineData("1x7", 1, 7)]
    public void Shape_Text_IsReadAndWrittenBack(string text, int tensors, int elements)
    {
        var shape = ModelShape.Parse(text);

        Assert.Equal(new ModelShape(tensors, elements), shape);
        Assert.Equal(text, $"{shape}");
    }

    private static JsonElement[] Parse(params Row[] rows)
    {
        using JsonDocument document = JsonDocument.Parse(CpuCommand.Json(rows));
        return [.. document.RootElement.EnumerateArray().Select(row => row.Clone())];
    }
}
