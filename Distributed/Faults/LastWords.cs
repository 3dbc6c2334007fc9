using System.IO.MemoryMappedFiles;
using System.Runtime.Versioning;
using System.Text;
using System.Text.Unicode;

namespace Requant.Distributed.Faults;

/// <summary>Memory that the ranks of a host share: what each of them did last, whether it is there, and whether the
/// one line was printed. The file has no name any more once all ranks have it, so that it goes with the last
/// one.</summary>
/// <remarks>A rank's slot has its mutexes, its state, and two texts of which a number says the current one, so that
/// others always read a whole one.</remarks>
internal sealed unsafe class LastWords : IDisposable
{
    /// <summary>Watchers that a rank can have: a mutex for each, as the death of its owner wakes one waiter.</summary>
    public const int WatchersPerRank = 2;

    private const int SlotBytes = 1024;
    private const int StateOffset = WatchersPerRank * NativeCalls.MutexBytes;
    private const int CurrentOffset = StateOffset + sizeof(int);
    private const int LengthOffset = CurrentOffset + sizeof(int);
    private const int TextOffset = LengthOffset + (2 * sizeof(int));
    private const int TextBytes = (SlotBytes - TextOffset) / 2;
    private const int Running = 0;
    private const int Ended = 1;
    private const int Printed = 2;
    private const string Folder = "/dev/shm";

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly string _path;
    private readonly byte* _memory;

    [SupportedOSPlatform("linux")]
    private LastWords(string path, int size)
    {
        _path = path;
        long bytes = (size + 1L) * SlotBytes;
        using var stream = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            Share = FileShare.ReadWrite | FileShare.Delete,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        _file = MemoryMappedFile.CreateFromFile(
            stream, null, bytes, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: true);
        _view = _file.CreateViewAccessor(0, bytes);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _memory);
    }

    /// <summary>Whether a rank of this host has found why the job ends.</summary>
    public bool IsEnded => Volatile.Read(ref *(int*)_memory) != Running;

    /// <summary>Whether it has said so.</summary>
    public bool IsPrinted => Volatile.Read(ref *(int*)_memory) == Printed;

    /// <summary>Opens the memory of a job.</summary>
    /// <param name="job">A name that no other job has.</param>
    /// <param name="size">How many ranks it has.</param>
    /// <returns>Null where this host has no place for it.</returns>
    public static LastWords? TryOpen(string job, int size)
    {
        if (!OperatingSystem.IsLinux() || !Directory.Exists(Folder))
        {
            return null;
        }

        try
        {
            return new LastWords(Path.Combine(Folder, $"requant-{job}"), size);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Takes the file's name away; for when all ranks have opened it.</summary>
    public void Unlink() => File.Delete(_path);

    /// <summary>Takes the right to print the line; only the first one on this host gets it.</summary>
    public bool TryEnd() => Interlocked.CompareExchange(ref *(int*)_memory, Ended, Running) == Running;

    /// <summary>Says that the line is out.</summary>
    public void SetPrinted() => Volatile.Write(ref *(int*)_memory, Printed);

    public byte* MutexOf(int rank, int watcher) => Slot(rank) + (watcher * NativeCalls.MutexBytes);

    public RankState StateOf(int rank) => (RankState)Volatile.Read(ref *(int*)(Slot(rank) + StateOffset));

    public void SetState(int rank, RankState state) =>
        Volatile.Write(ref *(int*)(Slot(rank) + StateOffset), (int)state);

    /// <summary>Notes what a rank does; of a long text, what fits.</summary>
    public void Note(int rank, string activity)
    {
        byte* slot = Slot(rank);
        int next = 1 - *(int*)(slot + CurrentOffset);
        Utf8.FromUtf16(activity, new Span<byte>(TextOf(slot, next), TextBytes), out _, out int length);
        ((int*)(slot + LengthOffset))[next] = length;
        Volatile.Write(ref *(int*)(slot + CurrentOffset), next);
    }

    /// <summary>What a rank of this host did last.</summary>
    public string ActivityOf(int rank)
    {
        byte* slot = Slot(rank);
        int current = Volatile.Read(ref *(int*)(slot + CurrentOffset)) & 1;
        int length = Math.Clamp(((int*)(slot + LengthOffset))[current], 0, TextBytes);
        return Encoding.UTF8.GetString(TextOf(slot, current), length);
    }

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }

    private static byte* TextOf(byte* slot, int which) => slot + TextOffset + (which * TextBytes);

    private byte* Slot(int rank) => _memory + ((rank + 1L) * SlotBytes);
}
