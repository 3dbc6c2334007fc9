using Requant.Bench.Codebooks;

namespace Requant.Bench.Tests;

public sealed class CodebookTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("requant-codebooks-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Error_OfMiniFloat_IsThatOfThreeBitsOfMantissa()
    {
        Codebook codebook = Codebook.For(Codec.MiniFloat);

        // Half of the distance between 1 and 1 + 1/8, over the number half way between them.
        Assert.Equal(1 / 17.0, CodecError.Near(codebook, 0.5), 3);
        Assert.Equal(1, CodecError.Near(codebook, 1e-6));
    }

    [Fact]
    public void Error_OfEveryCodec_IsSmallAtAbsmaxAndAllOfItFarBelow() => Assert.All(
        CodecError.Quantized,
        codec =>
        {
            Assert.InRange(CodecError.Near(Codebook.For(codec), 1), 1e-3, 0.05);
            Assert.True(CodecError.Near(Codebook.For(codec), 1e-12) >= 1);
        });

    [Fact]
    public void Codebooks_WithAFolder_DrawsThreePictures()
    {
        Assert.Equal(0, BenchCommandLine.Run(["codebooks", "--plot", _folder.FullName], TextWriter.Null));

        Assert.Equal(
            ["codec-error-signed.png", "codec-error-unsigned.png", "codec-values.png"],
            _folder.GetFiles().Where(file => file.Length > 0).Select(file => file.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Codebooks_WithoutTheFolder_IsRefused()
    {
        using var error = new StringWriter();

        int exitCode = BenchCommandLine.Run(
            ["codebooks", "--plot", Path.Combine(_folder.FullName, "missing")], error);

        Assert.Equal(BenchCommandLine.Usage, exitCode);
        Assert.Contains("missing", error.ToString(), StringComparison.Ordinal);
    }
}
