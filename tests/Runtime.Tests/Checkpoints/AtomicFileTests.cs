using Requant.Checkpoints;

namespace Requant.Runtime.Tests.Checkpoints;

public sealed class AtomicFileTests : IDisposable
{
    private const string Leftover = "x.safetensors.0123abcd.unfinished";

    private readonly string _folder = Directory.CreateTempSubdirectory("requant-").FullName;

    private string Target => Path.Combine(_folder, "x.safetensors");

    [Fact]
    public void Write_Fails_OldFileStaysAlone()
    {
        File.WriteAllText(Target, "old");

        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(Target, stream =>
        {
            stream.Write("new"u8);
            stream.Flush();
            Assert.Equal("old", File.ReadAllText(Target));
            throw new InvalidOperationException();
        }));

        Assert.Equal("old", File.ReadAllText(Target));
        Assert.Equal([Target], Directory.GetFiles(_folder));
    }

    [Fact]
    public void Write_NewAndOldFile_HasTheContentAlone()
    {
        foreach (string text in (string[])["longer", "new"])
        {
            AtomicFile.Write(Target, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text)));

            Assert.Equal(text, File.ReadAllText(Target));
            Assert.Equal([Target], Directory.GetFiles(_folder));
        }
    }

    [Fact]
    public void Write_AfterKilledProcess_RemovesWhatItLeft()
    {
        string[] others =
        [
            "x.safetensors.0123abcg.unfinished", "x.safetensors.0123abcd", "x.safetensors.0123abcd0.unfinished",
            "y" + Leftover,
        ];
        Array.ForEach([Leftover, .. others], name => File.WriteAllText(Path.Combine(_folder, name), ""));

        AtomicFile.Write(Target, stream => stream.Write("new"u8));

        Assert.Equal(
            others.Append("x.safetensors").Order(StringComparer.Ordinal),
            Directory.GetFiles(_folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Write_WhileAnotherWrites_LeavesItsFile()
    {
        AtomicFile.Write(Target, outer =>
        {
            outer.Write("outer"u8);
            AtomicFile.Write(Target, inner => inner.Write("inner"u8));
            Assert.Equal("inner", File.ReadAllText(Target));
        });

        Assert.Equal("outer", File.ReadAllText(Target));
        Assert.Equal([Target], Directory.GetFiles(_folder));
    }

    [Fact]
    public void Write_WhileItIsRead_ReaderKeepsTheOldFile()
    {
        File.WriteAllText(Target, "old");
        using var reader = new StreamReader(
            new FileStream(Target, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete));

        AtomicFile.Write(Target, stream => stream.Write("new"u8));

        Assert.Equal("old", reader.ReadToEnd());
    }

    [Fact]
    public void Write_Link_ReplacesWhatItPointsTo()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need rights there.");
        string actual = Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, "runs")).FullName, "actual");
        File.WriteAllText(actual, "old");
        File.CreateSymbolicLink(Target, actual);

        AtomicFile.Write(Target, stream => stream.Write("new"u8));

        Assert.Equal(actual, new FileInfo(Target).LinkTarget);
        Assert.Equal("new", File.ReadAllText(actual));
    }

    [Fact]
    public void Write_FileThatOthersMayNotRead_StaysSo()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        File.WriteAllText(Target, "old");
        File.SetUnixFileMode(Target, UnixFileMode.UserRead | UnixFileMode.UserWrite);

        AtomicFile.Write(Target, stream => stream.Write("new"u8));

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Target));
    }

    /// <summary>255 bytes are what most file systems leave for a name, in whatever letters.</summary>
    [Theory]
    [InlineData(100, 'x')]
    [InlineData(101, 'x')]
    [InlineData(235, 'x')]
    [InlineData(236, 'x')]
    [InlineData(255, 'x')]
    [InlineData(127, 'é')]
    [InlineData(85, '漢')]
    public void Write_NameOfAnyLength_IsReplaced(int letters, char letter)
    {
        string target = Path.Combine(_folder, new string(letter, letters));
        foreach (string text in (string[])["old", "new"])
        {
            AtomicFile.Write(target, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text)));

            Assert.Equal(text, File.ReadAllText(target));
            Assert.Equal([target], Directory.GetFiles(_folder));
        }
    }

    [Fact]
    public void Write_LongNameAfterKilledProcess_RemovesWhatItLeft()
    {
        string target = Path.Combine(_folder, new string('x', 255));
        string left = "";
        AtomicFile.Write(target, _ => left = Directory.GetFiles(_folder).Single());
        File.WriteAllText(left, "");
        string another = Path.Combine(_folder, new string('x', 254));

        AtomicFile.Write(another, _ => { });
        Assert.True(File.Exists(left));

        AtomicFile.Write(target, _ => { });
        Assert.Equal([another, target], Directory.GetFiles(_folder).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Write_NoFolder_Throws() =>
        Assert.Throws<DirectoryNotFoundException>(() => AtomicFile.Write(Path.Combine(_folder, "none", "x"), _ => { }));

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
