using System.IO.Compression;
using System.Text;

namespace Requant.Torch.Tests;

/// <summary>Streams of save_state_dict are checkpoints behind TorchSharp's own first bytes; those of other formats
/// are refused.</summary>
public sealed class StreamFormatTests
{
    private const int Length = 1000;

    private static readonly TorchOptions Options = new() { MinQuantizedLength = 0 };

    [Fact]
    public void Stream_BehindTorchSharpsBytes_IsACheckpoint()
    {
        using Adam8bit source = Make();
        Some.Steps(source, 1, 3);
        byte[] bytes = Saved(source);
        int place = bytes.AsSpan().IndexOf("{\"__metadata__\""u8) - sizeof(long);
        using var target = new Optimizer<Optimizers.Adam>(
            new Optimizers.Adam(), new OptimizerOptions { MinQuantizedLength = 0 });
        ParameterState[] states = [target.Add("parameter 0", Length), target.Add("parameter 1", 7)];

        CheckpointLoad load = CheckpointLoad.Read(
            new MemoryStream(bytes, place, bytes.Length - place), RuleInfo.Of<Optimizers.Adam>(), groups: 1,
            [.. states.Select(state => new CheckpointParameter(state, Shape: null, Group: 0))]);
        load.Commit();

        Assert.Equal(source.States[0].State.States["m"].Codes, states[0].States["m"].Codes);
        Assert.Equal((3, 0.25), (states[1].Step, load.Groups.Single().Hyperparameters["lr"]));
    }

    [Fact]
    public void Load_StreamThatCannotSeek_HasTheSameStates()
    {
        using Adam8bit source = Make();
        using Adam8bit target = Make();
        Some.Steps(source, 1, 3);
        var packed = new MemoryStream();
        using (var zip = new BinaryWriter(new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true)))
        {
            source.save_state_dict(zip);
        }

        packed.Position = 0;
        using var reader = new BinaryReader(new GZipStream(packed, CompressionMode.Decompress));
        target.load_state_dict(reader);

        Assert.Equal(Saved(source), Saved(target));
    }

    /// <summary>The stream of a version whose streams were no checkpoints.</summary>
    [Fact]
    public void Load_StreamOfAnEarlierFormat_SaysWhatToDoAndChangesNothing()
    {
        using Adam8bit adam = Make();
        string file = Path.Combine(AppContext.BaseDirectory, "Data", "format1", "adam-format1.statedict");

        string message = Assert.Throws<InvalidDataException>(() => adam.load_state_dict(file)).Message;

        Assert.Contains("format 1, and this version reads 3", message, StringComparison.Ordinal);
        Assert.Contains("SaveCheckpoint", message, StringComparison.Ordinal);
        Assert.Equal(0, adam.States[0].State.Step);
    }

    [Fact]
    public void Load_StreamOfANewerFormat_IsRefused()
    {
        using Adam8bit adam = Make();
        byte[] bytes = Saved(adam);
        bytes[bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes("3:" + RuleInfo.Of<Optimizers.Adam>().Hash))] = (byte)'4';

        string message =
            Assert.Throws<InvalidDataException>(() =>
                adam.load_state_dict(new BinaryReader(new MemoryStream(bytes)))).Message;

        Assert.Contains("format 4", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Stream_OfOptionsAlone_IsRefused()
    {
        using Adam8bit adam = Make();
        TorchSharp.Modules.OptimizerOptions options =
            ((TorchSharp.Modules.ParamGroup)adam.ParamGroups.Single()).Options;

        Assert.Throws<InvalidOperationException>(() => options.SaveStateDict(new BinaryWriter(new MemoryStream())));
        Assert.Throws<InvalidOperationException>(() => options.LoadStateDict(new BinaryReader(new MemoryStream())));
    }

    private static Adam8bit Make() =>
        new([("w", Some.Parameter(1, Length)), ("b", Some.Parameter(2, 7))], lr: 0.25, options: Options);

    private static byte[] Saved(Adam8bit optimizer)
    {
        var stream = new MemoryStream();
        optimizer.save_state_dict(new BinaryWriter(stream));
        return stream.ToArray();
    }
}
