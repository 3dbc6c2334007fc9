using Requant.CompilerServices;
using Requant.Devices;
using Requant.Numerics;
using Requant.Optimizers;
using Requant.Ptx;

namespace Requant.Runtime.Tests.Devices;

public sealed class PtxCacheTests : IDisposable
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"requant-cache-{Guid.NewGuid():N}");

    public void Dispose()
    {
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    [Fact]
    public void GetOrAdd_ASecondTime_ReadsWhatAnotherCacheWrote()
    {
        string text = VectorAdd.Ptx + "// ümlaut\r\n";

        Assert.Equal(text, new PtxCache(_folder).GetOrAdd(Key(), () => text));
        Assert.Equal(
            text,
            new PtxCache(_folder).GetOrAdd(Key(), () => throw new InvalidOperationException("It was to be read.")));
    }

    [Fact]
    public void File_IsPtxThatSaysWhatItIs()
    {
        _ = new PtxCache(_folder).GetOrAdd(Key(), () => VectorAdd.Ptx);

        string file = Assert.Single(Directory.GetFiles(_folder));
        Assert.EndsWith(".ptx", file, StringComparison.Ordinal);
        string[] lines = File.ReadAllLines(file);
        Assert.StartsWith("// requant-ptx-1 ", lines[0], StringComparison.Ordinal);
        Assert.StartsWith(
            $"// Adam {Key().Hash} variant 0 phase 0 Update Declared Float32 Float16 sm_90 Requant ", lines[1],
            StringComparison.Ordinal);
        Assert.Equal("add", PtxModule.Parse(File.ReadAllText(file)).Kernels.Single().Name);
    }

    [Fact]
    public void Keys_ThatDifferInAnything_HaveFilesOfTheirOwn()
    {
        PtxCacheKey key = Key();
        PtxCacheKey[] keys =
        [
            key,
            key with { Rule = "Other" },
            key with { Hash = "0" },
            key with { Variant = 1 },
            key with { Phase = 1 },
            key with { Kind = PtxKernelKind.Finish },
            key with { States = new StateFormat(StateCodecs.MiniFloat) },
            key with { ParameterType = ElementType.BFloat16 },
            key with { GradientType = ElementType.BFloat16 },
            key with { Gradients = GradientTreatment.Scaled },
            key with { Storage = ParameterStorage.Stochastic },
            key with { Architecture = "sm_80" },
            key with { Compilers = "others" },
        ];

        Assert.Equal(typeof(PtxCacheKey).GetConstructors().Single().GetParameters().Length + 1, keys.Length);
        Assert.Equal(keys.Length, keys.Select(one => one.FileName).Distinct().Count());
    }

    [Fact]
    public void Key_OfARule_NamesBothCompilersAndBothBuilds()
    {
        string compilers = Key().Compilers;

        Assert.Matches(@"^Requant \d+\.\d+\.\d+\.\d+ ILGPU 1\.5\.\d+\.\d+ [0-9a-f]{32} [0-9a-f]{32}$", compilers);
        Assert.EndsWith($"{typeof(Adam).Module.ModuleVersionId:N}", compilers, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("no newline")]
    [InlineData("// requant-ptx-1 0000\n.version 7.8")]
    public void File_Damaged_IsWrittenAgain(string content)
    {
        var cache = new PtxCache(_folder);
        _ = cache.GetOrAdd(Key(), () => VectorAdd.Ptx);
        string file = Directory.GetFiles(_folder).Single();
        File.WriteAllText(file, content);

        Assert.Equal(VectorAdd.Ptx, cache.GetOrAdd(Key(), () => VectorAdd.Ptx));
        Assert.EndsWith(VectorAdd.Ptx, File.ReadAllText(file), StringComparison.Ordinal);
    }

    [Fact]
    public void File_WithAnyByteChangedOrMissing_IsNotRead()
    {
        var cache = new PtxCache(_folder);
        _ = cache.GetOrAdd(Key(), () => VectorAdd.Ptx);
        string file = Directory.GetFiles(_folder).Single();
        byte[] whole = File.ReadAllBytes(file);
        for (int i = 0; i < whole.Length; i += 7)
        {
            byte[] changed = [.. whole];
            changed[i] ^= 1;
            File.WriteAllBytes(file, changed);
            Assert.Equal("again", cache.GetOrAdd(Key(), () => "again"));

            File.WriteAllBytes(file, whole[..i]);
            Assert.Equal("again", cache.GetOrAdd(Key(), () => "again"));
        }
    }

    [Fact]
    public void File_WhileItIsWrittenAgain_IsWholeForWhoReadsIt()
    {
        var cache = new PtxCache(_folder);
        _ = cache.GetOrAdd(Key(), () => VectorAdd.Ptx);
        string file = Directory.GetFiles(_folder).Single();
        File.WriteAllText(file, "as it was");
        using var reader = new StreamReader(
            new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));

        _ = cache.GetOrAdd(Key(), () => VectorAdd.Ptx);

        Assert.Equal("as it was", reader.ReadToEnd());
    }

    [Fact]
    public void File_OfAnotherKey_IsNotRead()
    {
        var cache = new PtxCache(_folder);
        PtxCacheKey other = Key() with { Phase = 1 };
        _ = cache.GetOrAdd(other, () => "other");
        File.Move(Path.Combine(_folder, other.FileName), Path.Combine(_folder, Key().FileName));

        Assert.Equal("own", cache.GetOrAdd(Key(), () => "own"));
    }

    [Fact]
    public void GetOrAdd_ManyAtOnce_GiveWholeTextsAndLeaveOneFile()
    {
        string text = string.Concat(Enumerable.Repeat(VectorAdd.Ptx, 50));

        Parallel.For(0, 200, _ => Assert.Equal(text, new PtxCache(_folder).GetOrAdd(Key(), () => text)));

        Assert.Equal(Key().FileName, Path.GetFileName(Assert.Single(Directory.GetFiles(_folder))));
    }

    [Fact]
    public void Folder_ThatIsAFile_IsNoError()
    {
        Directory.CreateDirectory(_folder);
        string file = Path.Combine(_folder, "file");
        File.WriteAllText(file, "");

        Assert.Equal("text", new PtxCache(file).GetOrAdd(Key(), () => "text"));
        Assert.Equal("text", new PtxCache(Path.Combine(file, "below")).GetOrAdd(Key(), () => "text"));
    }

    [Fact]
    public void Folder_MadeByTheCache_IsTheUsersAlone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such modes.");

        _ = new PtxCache(_folder).GetOrAdd(Key(), () => "text");

        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
                File.GetUnixFileMode(_folder));
        }
    }

    [Fact]
    public void OldTexts_AreRemovedByAWrite()
    {
        _ = new PtxCache(_folder).GetOrAdd(Key(), () => "old");
        string old = Directory.GetFiles(_folder).Single();
        string left = $"{old}.{Guid.NewGuid():N}.tmp";
        string foreign = Path.Combine(_folder, "notes.txt");
        foreach (string file in new[] { left, foreign })
        {
            File.WriteAllText(file, "");
        }

        Array.ForEach([old, left, foreign], file => File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddDays(-61)));
        PtxCacheKey next = Key() with { Phase = 1 };
        _ = new PtxCache(_folder).GetOrAdd(next, () => "new");

        Assert.Equal(
            [next.FileName, "notes.txt"],
            Directory.GetFiles(_folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void NoFolder_CompilesEachTime()
    {
        var cache = new PtxCache(null);
        int count = 0;

        _ = cache.GetOrAdd(Key(), () => $"{++count}");
        Assert.Equal("2", cache.GetOrAdd(Key(), () => $"{++count}"));
    }

    [Theory]
    [InlineData("off", "/xdg", "/home/.cache", null)]
    [InlineData("OFF", null, null, null)]
    [InlineData("/own", "/xdg", "/home/.cache", "/own")]
    [InlineData("", "/xdg", "/home/.cache", "/xdg/requant")]
    [InlineData(null, "relative", "/home/.cache", "/home/.cache/requant")]
    [InlineData(null, "", "/home/.cache", "/home/.cache/requant")]
    [InlineData(null, null, "/home/.cache", "/home/.cache/requant")]
    [InlineData(null, null, null, null)]
    public void FindFolder_Environment_DecidesTheFolder(string? own, string? xdg, string? standard, string? expected)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The paths are those of Unix.");

        Assert.Equal(expected, PtxCache.FindFolder(
            name => name switch { "REQUANT_CACHE" => own, "XDG_CACHE_HOME" => xdg, _ => null }, () => standard));
    }

    [Fact]
    public void Key_OfAnotherRule_HasAnotherHash() => Assert.NotEqual(
        Key().Hash,
        PtxCacheKey.For<Lion>(0, 0, StateFormat.Declared, ElementType.Float32, ElementType.Float16, "sm_90").Hash);

    private static PtxCacheKey Key() =>
        PtxCacheKey.For<Adam>(0, 0, StateFormat.Declared, ElementType.Float32, ElementType.Float16, "sm_90");
}
