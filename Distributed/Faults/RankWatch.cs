using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;

namespace Requant.Distributed.Faults;

/// <summary>Notices that a rank of this host has died, and has one rank say so.</summary>
/// <remarks>
/// <para>A thread of each rank holds robust mutexes in shared memory, and two other ranks wait for them. The kernel
/// gives such a mutex on when its owner dies, whatever the cause. The first of the two holds the rank's connection to
/// the launcher (<see cref="LauncherLink"/>) until the line is out.</para>
/// <para>What becomes of the processes is the launcher's affair. Where it does nothing, ranks end themselves after a
/// while.</para>
/// </remarks>
internal sealed unsafe class RankWatch
{
    private const int MostLineBytes = 2048;
    private const int MostMillisecondsOfOther = 1000;
    private const int StackBytes = 256 * 1024;

    /// <summary>How long a launcher has to end the ranks: Open MPI's takes a second or two.</summary>
    private static readonly TimeSpan LauncherGrace = TimeSpan.FromSeconds(5);

    private readonly NativeCalls _calls;
    private readonly LastWords _words;
    private readonly int _rank;
    private readonly int _size;
    private readonly LauncherLink? _link;
    private readonly TaskCompletionSource _leave = new();

    private RankWatch(NativeCalls calls, LastWords words, LauncherLink? link, int rank, int size)
    {
        (_calls, _words, _link, _rank, _size) = (calls, words, link, rank, size);
        words.Note(rank, FaultText.FirstActivity);
        words.SetState(rank, RankState.Running);
    }

    /// <summary>Whether a rank of this host has said why the job ends.</summary>
    public bool IsEnded => _words.IsEnded;

    /// <summary>Begins to be watched. Ranks of other hosts are not; nor are those of a system that has no robust
    /// mutexes.</summary>
    /// <param name="job">A name that no other job has.</param>
    /// <param name="rank">This rank.</param>
    /// <param name="size">How many there are.</param>
    /// <returns>Null where nothing can be watched.</returns>
    public static RankWatch? TryStart(string job, int rank, int size)
    {
        if (NativeCalls.OfProcess is not NativeCalls calls || LastWords.TryOpen(job, size) is not LastWords words)
        {
            return null;
        }

        for (int i = 0; i < LastWords.WatchersPerRank; i++)
        {
            if (!calls.TryInitializeMutex(words.MutexOf(rank, i)))
            {
                words.Dispose();
                return null;
            }
        }

        var watch = new RankWatch(calls, words, LauncherLink.TryOpen(calls, job, rank), rank, size);
        watch.HoldMutexes();
        return watch;
    }

    /// <summary>Begins to watch others; for when all ranks are watched.</summary>
    public void WatchOthers()
    {
        _words.Unlink();
        _calls.DelayAborts();
        WarmUp();
        int[] others = [.. Enumerable.Range(1, _size - 1).Select(distance => (_rank + distance) % _size)
            .Where(rank => _words.StateOf(rank) != RankState.Elsewhere)];
        if (others.Length > 0)
        {
            // The ranks are a ring: each watches the two behind it, and holds the connection of the first.
            _link?.Exchange(giveTo: others[^1]);
        }

        for (int i = 0; i < Math.Min(others.Length, LastWords.WatchersPerRank); i++)
        {
            int watcher = i;
            Run($"watches rank {others[i]}", () => Watch(others[watcher], watcher));
        }
    }

    public void Note(string activity) => _words.Note(_rank, activity);

    public string ActivityOf(int rank) => _words.ActivityOf(rank);

    public RankState StateOf(int rank) => _words.StateOf(rank);

    /// <summary>Says that nothing is to come from this rank.</summary>
    public void BeginLeave() => _words.SetState(_rank, RankState.Leaving);

    /// <summary>Says that this process may end.</summary>
    public void Leave()
    {
        _words.SetState(_rank, RankState.Left);
        _leave.TrySetResult();
    }

    /// <summary>Prints the line, or waits for the rank of this host that prints one.</summary>
    /// <returns>Whether it was this one.</returns>
    public bool Report(string text)
    {
        if (_words.TryEnd())
        {
            Print(text);
            _words.SetPrinted();
            return true;
        }

        // Whoever goes on from here may have the launcher kill the one that prints.
        for (int i = 0; i < MostMillisecondsOfOther && !_words.IsPrinted; i++)
        {
            Thread.Sleep(1);
        }

        return false;
    }

    /// <summary>Waits for the launcher to end this process, and ends it otherwise.</summary>
    [DoesNotReturn]
    public void AwaitEnd()
    {
        Thread.Sleep(LauncherGrace);
        _calls.Exit(1);
    }

    private static void Run(string name, Action action) =>
        new Thread(() => action(), StackBytes) { IsBackground = true, Name = $"requant {name}" }.Start();

    private void HoldMutexes()
    {
        using var held = new ManualResetEventSlim();
        Run("is watched", () =>
        {
            for (int i = 0; i < LastWords.WatchersPerRank; i++)
            {
                _calls.Lock(_words.MutexOf(_rank, i));
            }

            held.Set();
            _leave.Task.Wait();
            for (int i = 0; i < LastWords.WatchersPerRank; i++)
            {
                _calls.Unlock(_words.MutexOf(_rank, i));
            }
        });
        held.Wait();
    }

    private void Watch(int other, int watcher)
    {
        byte* mutex = _words.MutexOf(other, watcher);
        int result = _calls.Lock(mutex);
        if (result != NativeCalls.OwnerDied)
        {
            _calls.Unlock(mutex);
        }

        bool isGone = result == NativeCalls.OwnerDied
            && _words.StateOf(other) != RankState.Left && _words.StateOf(_rank) != RankState.Left;
        if (isGone)
        {
            Report(FaultText.Gone(other, _words.ActivityOf(other)));
        }

        if (watcher == 0)
        {
            _link?.Dispose();
        }

        if (isGone)
        {
            AwaitEnd();
        }
    }

    /// <summary>Runs all that <see cref="Watch"/> runs at the end, so that it is compiled.</summary>
    private void WarmUp()
    {
        _ = _words.StateOf(_rank) == RankState.Left || _words.IsEnded;
        Print(FaultText.Gone(_rank, _words.ActivityOf(_rank)), isWritten: false);
    }

    private void Print(string text, bool isWritten = true)
    {
        Span<byte> line = stackalloc byte[MostLineBytes];
        int length = Encoding.UTF8.GetBytes(FaultText.Prefix, line);
        Utf8.FromUtf16(text, line[length..^1], out _, out int written);
        length += written;
        line[length++] = (byte)'\n';
        _calls.WriteError(isWritten ? line[..length] : []);
    }
}
