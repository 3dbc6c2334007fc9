using System.Buffers.Binary;
using System.Text.Json;

namespace Requant.Optimizers.Tests.Checkpoints;

/// <summary>Shapes, and states of rows and columns, in a checkpoint.</summary>
public sealed class MatrixCheckpointTests : IDisposable
{
    private static readonly Adafactor Rule = new() { Beta1 = 0.9f };

    private static readonly OptimizerOptions Quantized = new() { MinQuantizedLength = 0 };

    private readonly string _folder = Directory.CreateTempSubdirectory("requant-").FullName;

    private string Saved => Path.Combine(_folder, "saved.safetensors");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Load_SavedStates_HasTheirBits()
    {
        using ShapedModel<Adafactor> saved = Save([64, 32]);
        using var loaded = new ShapedModel<Adafactor>(Rule, Quantized, [64, 32]);
        loaded.Step(7);

        loaded.Optimizer.Load(Saved);

        Assert.Equal(States(saved), States(loaded));
        Assert.Equal(64, loaded.Optimizer.Parameters[0].States["row"].Values.Length);
        Assert.NotEqual(0f, loaded.Optimizer.Parameters[0].States["column"].Values[31]);
    }

    [Theory]
    [InlineData(new long[] { 64, 32 }, new long[] { 32, 64 })]
    [InlineData(new long[] { 64, 32 }, new long[] { 2048 })]
    [InlineData(new long[] { 64, 32 }, new long[] { 64, 32, 1 })]
    [InlineData(new long[] { 2048 }, new long[] { 64, 32 })]
    public void Load_OtherShape_IsRefusedAndNamesBoth(long[] shape, long[] other)
    {
        using ShapedModel<Adafactor> saved = Save(shape);
        using var loaded = new ShapedModel<Adafactor>(Rule, Quantized, other);
        loaded.Step(7);
        uint[] before = States(loaded);

        var exception = Assert.Throws<CheckpointException>(() => loaded.Optimizer.Load(Saved));

        Assert.Contains("'w0'", exception.Message, StringComparison.Ordinal);
        Assert.Contains($"[{string.Join(", ", shape)}]", exception.Message, StringComparison.Ordinal);
        Assert.Contains($"[{string.Join(", ", other)}]", exception.Message, StringComparison.Ordinal);
        Assert.Equal(before, States(loaded));
    }

    [Theory]
    [InlineData("w0.row.values")]
    [InlineData("w0.column.values")]
    public void Load_DamagedStateOfLines_IsRefusedAndChangesNothing(string tensor)
    {
        using ShapedModel<Adafactor> saved = Save([64, 32]);
        byte[] bytes = File.ReadAllBytes(Saved);
        long start = sizeof(long) + BinaryPrimitives.ReadInt64LittleEndian(bytes)
            + Header().GetProperty(tensor).GetProperty("data_offsets")[0].GetInt64();
        bytes[start + 5] ^= 1;
        File.WriteAllBytes(Saved, bytes);
        using var loaded = new ShapedModel<Adafactor>(Rule, Quantized, [64, 32]);
        loaded.Step(7);
        uint[] before = States(loaded);

        var exception = Assert.Throws<CheckpointException>(() => loaded.Optimizer.Load(Saved));

        Assert.Contains(tensor, exception.Message, StringComparison.Ordinal);
        Assert.Equal(before, States(loaded));
    }

    /// <summary>What is converted is the momentum: rows and columns are float32 anyway.</summary>
    [Fact]
    public void Load_OtherPrecisionAndBlocks_LeavesLinesAsTheyAre()
    {
        using ShapedModel<Adafactor> saved = Save([64, 32]);
        var options = new OptimizerOptions { Codecs = StateCodecs.Float32, BlockSize = 64 };
        using var loaded = new ShapedModel<Adafactor>(Rule, options, [64, 32]);

        loaded.Optimizer.Load(Saved, new LoadOptions { ConvertPrecision = true, ConvertBlockSize = true });

        foreach (string name in (string[])["row", "column", "m"])
        {
            Assert.Equal(
                ReferenceChecks.Dequantize(saved.Optimizer.Parameters[0].States[name]),
                ReferenceChecks.Dequantize(loaded.Optimizer.Parameters[0].States[name]));
        }
    }

    private ShapedModel<Adafactor> Save(long[] shape)
    {
        var model = new ShapedModel<Adafactor>(Rule, Quantized, shape);
        model.Step(1);
        model.Step(2);
        model.Optimizer.Save(Saved);
        return model;
    }

    private static uint[] States(ShapedModel<Adafactor> model) => StepBits.Of(model.Optimizer.Parameters[0], []);

    private JsonElement Header()
    {
        byte[] bytes = File.ReadAllBytes(Saved);
        int length = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        return JsonDocument.Parse(bytes.AsMemory(sizeof(long), length)).RootElement;
    }
}
