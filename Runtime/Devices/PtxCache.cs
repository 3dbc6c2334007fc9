using System.Security.Cryptography;
using System.Text;

namespace Requant.Devices;

/// <summary>PTX texts on disk, so that a process need not compile what another has. Safe for many processes and
/// threads: a file appears as a whole, and one that is not as it was written counts as absent.</summary>
/// <remarks>A file begins with two comments, a checksum of all behind it and the key. A folder that cannot be read or
/// written is as no cache. Texts are written once and removed when they are old: a rule that changes leaves its
/// texts behind.</remarks>
internal sealed class PtxCache
{
    /// <summary>Names the folder, or is <c>off</c>.</summary>
    public const string Variable = "REQUANT_CACHE";

    private const string Off = "off";
    private const string Folder = "requant";

    /// <summary>Changes when files change their form.</summary>
    private const string Head = "// requant-ptx-1 ";

    private static readonly TimeSpan LongestAge = TimeSpan.FromDays(60);

    private static readonly Lazy<PtxCache> FromEnvironment = new(
        () => new PtxCache(FindFolder(Environment.GetEnvironmentVariable, DefaultFolder)));

    private int _isPruned;

    /// <param name="folder">Need not exist; null for no cache.</param>
    public PtxCache(string? folder) => Root = folder;

    /// <summary>The cache of this user, as the environment has it.</summary>
    public static PtxCache Default => FromEnvironment.Value;

    /// <summary>The folder, or null where nothing is kept.</summary>
    public string? Root { get; }

    /// <summary>Reads a text, or makes and keeps it.</summary>
    /// <param name="key">What the text depends on.</param>
    /// <param name="compile">Makes it; may run on several threads for one key.</param>
    public string GetOrAdd(PtxCacheKey key, Func<string> compile)
    {
        if (Root is null)
        {
            return compile();
        }

        string file = Path.Combine(Root, key.FileName);
        if (TryRead(file, key) is string present)
        {
            return present;
        }

        string text = compile();
        TryWrite(file, key, text);
        return text;
    }

    /// <summary>Which folder the environment asks for, or null.</summary>
    /// <param name="variable">Reads a variable.</param>
    /// <param name="defaultFolder">The system's folder for caches, or null.</param>
    internal static string? FindFolder(Func<string, string?> variable, Func<string?> defaultFolder)
    {
        if (variable(Variable) is { Length: > 0 } own)
        {
            return own.Equals(Off, StringComparison.OrdinalIgnoreCase) ? null : Path.GetFullPath(own);
        }

        // The XDG specification has relative paths ignored.
        string? parent = variable("XDG_CACHE_HOME") is string xdg
            && !OperatingSystem.IsWindows()
            && Path.IsPathFullyQualified(xdg)
            ? xdg
            : defaultFolder();
        return parent is null ? null : Path.Combine(parent, Folder);
    }

    private static string? DefaultFolder()
    {
        string home = Environment.GetFolderPath(
            OperatingSystem.IsWindows()
                ? Environment.SpecialFolder.LocalApplicationData
                : Environment.SpecialFolder.UserProfile);
        return home.Length == 0 ? null : OperatingSystem.IsWindows() ? home : Path.Combine(home, ".cache");
    }

    private static string? TryRead(string file, PtxCacheKey key)
    {
        try
        {
            string content = File.ReadAllText(file, Encoding.UTF8);
            int end = content.IndexOf('\n', StringComparison.Ordinal);
            if (end < 0)
            {
                return null;
            }

            string rest = content[(end + 1)..];
            string keyLine = KeyLine(key);
            return content[..end] == ChecksumLine(rest) && rest.StartsWith(keyLine, StringComparison.Ordinal)
                ? rest[keyLine.Length..]
                : null;
        }
        catch (Exception failure) when (IsOfFiles(failure))
        {
            return null;
        }
    }

    private void TryWrite(string file, PtxCacheKey key, string text)
    {
        string temporary = $"{file}.{Guid.NewGuid():N}.tmp";
        try
        {
            CreateFolder(Root!);
            string rest = KeyLine(key) + text;
            File.WriteAllText(temporary, $"{ChecksumLine(rest)}\n{rest}");
            File.Move(temporary, file, overwrite: true);
            if (Interlocked.Exchange(ref _isPruned, 1) == 0)
            {
                Prune(Root!);
            }
        }
        catch (Exception failure) when (IsOfFiles(failure))
        {
            TryDelete(temporary);
        }
    }

    /// <summary>Only the user may write what is then run.</summary>
    private static void CreateFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(
                folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    /// <summary>Removes what is old, both texts and what processes left that ended while they wrote.</summary>
    private static void Prune(string folder)
    {
        DateTime oldest = DateTime.UtcNow - LongestAge;
        foreach (string pattern in (string[])["*.ptx", "*.ptx.*.tmp"])
        {
            foreach (string file in Directory.EnumerateFiles(folder, pattern)
                .Where(file => File.GetLastWriteTimeUtc(file) < oldest))
            {
                TryDelete(file);
            }
        }
    }

    private static void TryDelete(string file)
    {
        try
        {
            File.Delete(file);
        }
        catch (Exception failure) when (IsOfFiles(failure))
        {
            // Another process has it open or has removed it.
        }
    }

    private static bool IsOfFiles(Exception failure) =>
        failure is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException;

    private static string KeyLine(PtxCacheKey key) => $"// {key}\n";

    private static string ChecksumLine(string rest) =>
        Head + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(rest)));
}
