using Requant.Bench.TorchTensors;
using static TorchSharp.torch;

namespace Requant.Bench.Tests;

/// <summary>The program for a libtorch of CUDA, as far as one for the CPU goes.</summary>
public class TorchTensorTests
{
    [Fact]
    public void Checks_OfTheProcessorItself_AreAllEqual()
    {
        using var output = new StringWriter();

        Assert.True(TensorChecks.Run(CPU, output), output.ToString());
        Assert.Contains("72 of 72 checks", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Load_OfAFolderWithoutLibtorch_SaysWhatIsMissing()
    {
        using var output = new StringWriter();

        string? missing = LibTorchFolder.Load(Path.GetTempPath(), output);

        Assert.StartsWith("libc10.so does not load from", missing, StringComparison.Ordinal);
    }
}
