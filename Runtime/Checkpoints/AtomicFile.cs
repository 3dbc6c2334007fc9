using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Requant.Checkpoints;

/// <summary>Replaces a file as a whole: a process that is killed at any moment, and a system that stops, leave the old
/// file or the new one.</summary>
/// <remarks>
/// What is written goes to a file beside it, is flushed to the disk, and takes the place by a rename. .NET cannot flush
/// the folder: when the system stops right after a save, the old file may be back, but whole. What killed processes
/// left behind is removed by the next save of the same file; a file that a living process writes is locked and stays.
/// </remarks>
internal static class AtomicFile
{
    /// <summary>Ends the names of unfinished files.</summary>
    public const string Extension = ".unfinished";

    /// <summary>UTF-8 bytes of the longest name that an unfinished file is named after. With what follows it stays
    /// below the 143 bytes of encrypted file systems, and far below the 255 of others.</summary>
    private const int LongestStemBytes = 100;

    private const int RandomBytes = 4;

    private const int BufferBytes = 1 << 16;

    /// <summary>Writes a file. When anything fails, the old one stays and nothing else is left.</summary>
    /// <param name="path">In a folder that exists. A link's target is replaced, not the link.</param>
    /// <param name="write">Writes the content to an empty stream that can seek.</param>
    public static void Write(string path, Action<Stream> write)
    {
        string target = Resolve(path);
        RemoveLeftovers(target);
        string unfinished = Path.Combine(
            Path.GetDirectoryName(target)!,
            $"{StemOf(target)}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(RandomBytes))}{Extension}");
        try
        {
            using (var stream = new FileStream(
                unfinished, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, BufferBytes))
            {
                KeepMode(target, stream);
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(unfinished, target, overwrite: true);
        }
        catch
        {
            TryDelete(unfinished);
            throw;
        }
    }

    /// <summary>What the names of a file's unfinished ones begin with: its own, or a hash of it, since a name of the
    /// length that it may have leaves no room for more.</summary>
    private static string StemOf(string target)
    {
        string name = Path.GetFileName(target);
        byte[] bytes = Encoding.UTF8.GetBytes(name);
        return bytes.Length <= LongestStemBytes ? name : Convert.ToHexStringLower(SHA256.HashData(bytes));
    }

    private static string Resolve(string path) =>
        new FileInfo(path).LinkTarget is null
            ? Path.GetFullPath(path)
            : File.ResolveLinkTarget(path, returnFinalTarget: true)!.FullName;

    /// <summary>A file that others may not read stays so.</summary>
    private static void KeepMode(string target, FileStream stream)
    {
        if (!OperatingSystem.IsWindows() && File.Exists(target))
        {
            File.SetUnixFileMode(stream.SafeFileHandle, File.GetUnixFileMode(target));
        }
    }

    private static void RemoveLeftovers(string target)
    {
        string folder = Path.GetDirectoryName(target)!;
        string prefix = StemOf(target) + ".";
        foreach (string file in Directory.EnumerateFiles(folder))
        {
            string name = Path.GetFileName(file);
            if (name.StartsWith(prefix, StringComparison.Ordinal) && name.EndsWith(Extension, StringComparison.Ordinal)
                && name.Length == prefix.Length + (2 * RandomBytes) + Extension.Length
                && uint.TryParse(
                    name.AsSpan(prefix.Length, 2 * RandomBytes), NumberStyles.AllowHexSpecifier,
                    CultureInfo.InvariantCulture, out _))
            {
                TryDeleteUnlocked(file);
            }
        }
    }

    private static void TryDeleteUnlocked(string file)
    {
        try
        {
            // Fails while a living process has it open.
            using (new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
            {
            }

            File.Delete(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It is another's, and not in the way of this save.
        }
    }

    private static void TryDelete(string file)
    {
        try
        {
            File.Delete(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The first failure is the one to report; the next save tries again.
        }
    }
}
