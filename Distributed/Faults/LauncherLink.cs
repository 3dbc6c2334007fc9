using System.Globalization;
using System.Net.Sockets;

namespace Requant.Distributed.Faults;

/// <summary>Another rank's connections to its launcher, held so that they close only when this is disposed
/// of.</summary>
/// <remarks>MPICH's launcher, Hydra, kills all ranks of a host when it sees the connection of one close before MPI
/// ended, or a process that has died when it looks for one, as at the end of an output: some milliseconds after a rank
/// died, and too soon for others to say which one it was. So each rank hands its connections (the file whose number is
/// in PMI_FD, and its output and error streams) to the one that watches it, which lets go of them once it has spoken.
/// Other launchers have no such file, or look at processes instead.</remarks>
internal sealed unsafe class LauncherLink : IDisposable
{
    private const string FileVariable = "PMI_FD";
    private const int MostMilliseconds = 2000;
    private const int Files = 3;

    /// <summary>CMSG_LEN of the files' numbers on 64-bit Linux, whose header has 16 bytes, and CMSG_SPACE.</summary>
    private const int MessageBytes = 16 + (Files * sizeof(int));
    private const int ControlBytes = 32;
    private const int FirstFile = 4;
    private const int SocketLevel = 1;
    private const int Rights = 1;

    private readonly NativeCalls _calls;
    private readonly Socket _own;
    private readonly string _job;
    private readonly int[] _held = [-1, -1, -1];

    private LauncherLink(NativeCalls calls, string job, int rank)
    {
        (_calls, _job) = (calls, job);
        _own = NewSocket();
        _own.ReceiveTimeout = MostMilliseconds;
        _own.Bind(AddressOf(rank));
    }

    /// <summary>Opens a place to which another rank can hand its connections.</summary>
    /// <returns>Null where the system has none.</returns>
    public static LauncherLink? TryOpen(NativeCalls calls, string job, int rank)
    {
        try
        {
            return new LauncherLink(calls, job, rank);
        }
        catch (SocketException)
        {
            return null;
        }
    }

    /// <summary>Hands this rank's connections to one rank, and takes those of another; all ranks of a host do so. Where
    /// it does not work the launcher is as quick as ever.</summary>
    public void Exchange(int giveTo)
    {
        byte nothing = 0;
        byte* control = stackalloc byte[ControlBytes];
        var part = new Part { Start = &nothing, Length = 1 };
        var message = new Message { Parts = &part, PartCount = 1 };
        if (int.TryParse(
            Environment.GetEnvironmentVariable(FileVariable), NumberStyles.None, CultureInfo.InvariantCulture,
            out int file))
        {
            message.Control = control;
            message.ControlLength = MessageBytes;
            *(nint*)control = MessageBytes;
            ((int*)control)[2] = SocketLevel;
            ((int*)control)[3] = Rights;
            ((int*)control)[FirstFile] = file;
            ((int*)control)[FirstFile + 1] = 1;
            ((int*)control)[FirstFile + 2] = 2;
        }

        try
        {
            using Socket other = NewSocket();
            other.Connect(AddressOf(giveTo));
            _calls.SendMessage((int)other.Handle, &message);
        }
        catch (SocketException)
        {
            return;
        }

        message = new Message
        {
            Parts = &part, PartCount = 1, Control = control, ControlLength = ControlBytes,
        };
        if (_calls.ReceiveMessage((int)_own.Handle, &message) >= 0 && message.ControlLength >= MessageBytes
            && ((int*)control)[2] == SocketLevel && ((int*)control)[3] == Rights)
        {
            new Span<int>(control, FirstFile + Files)[FirstFile..].CopyTo(_held);
        }

        _own.Dispose();
    }

    /// <summary>Lets go of them.</summary>
    public void Dispose()
    {
        for (int i = 0; i < Files; i++)
        {
            int held = Interlocked.Exchange(ref _held[i], -1);
            if (held >= 0)
            {
                _calls.Close(held);
            }
        }
    }

    private static Socket NewSocket() => new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

    /// <summary>An address without a file, which goes with its socket.</summary>
    private UnixDomainSocketEndPoint AddressOf(int rank) => new($"\0requant-{_job}-{rank}");

    /// <summary>An iovec.</summary>
    private struct Part
    {
        public byte* Start;
        public nint Length;
    }

    /// <summary>A msghdr of 64-bit Linux.</summary>
    private struct Message
    {
        public byte* Name;
        public int NameLength;
        public Part* Parts;
        public nint PartCount;
        public byte* Control;
        public nint ControlLength;
        public int Flags;
    }
}
