using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Requant.Distributed.Faults;

/// <summary>Functions of the C library for the moments in which a rank ends. Calls by address compile with their
/// caller, so that none waits for the compiler then.</summary>
internal sealed unsafe class NativeCalls
{
    /// <summary>Room for a pthread_mutex_t: 40 bytes on x64, 48 on ARM64.</summary>
    public const int MutexBytes = 64;

    /// <summary>EOWNERDEAD of Linux.</summary>
    public const int OwnerDied = 130;

    private const int ErrorStream = 2;
    private const int AttributeBytes = 16;
    private const int IsShared = 1;
    private const int IsRobust = 1;
    private const int AbortSignal = 6;

    /// <summary>More than a struct sigaction has: 152 bytes on x64.</summary>
    private const int ActionBytes = 256;

    /// <summary>MSG_CMSG_CLOEXEC of Linux.</summary>
    private const int CloseOnExec = 0x40000000;

    /// <summary>SIGILL, SIGABRT, SIGBUS, SIGFPE, SIGSEGV.</summary>
    private static readonly int[] Signals = [4, AbortSignal, 7, 8, 11];

    private static readonly Lazy<NativeCalls?> Own = new(() => OperatingSystem.IsLinux() ? TryLoad() : null);

    private readonly delegate* unmanaged<byte*, int> _initializeAttribute;
    private readonly delegate* unmanaged<byte*, int, int> _setShared;
    private readonly delegate* unmanaged<byte*, int, int> _setRobust;
    private readonly delegate* unmanaged<byte*, byte*, int> _initializeMutex;
    private readonly delegate* unmanaged<byte*, int> _lock;
    private readonly delegate* unmanaged<byte*, int> _unlock;
    private readonly delegate* unmanaged<int, byte*, nint, nint> _write;
    private readonly delegate* unmanaged<int, void*, int, nint> _sendMessage;
    private readonly delegate* unmanaged<int, void*, int, nint> _receiveMessage;
    private readonly delegate* unmanaged<int, int> _close;
    private readonly delegate* unmanaged<int, void> _exit;
    private readonly delegate* unmanaged<int, nint, nint> _signal;
    private readonly delegate* unmanaged<int, byte*, byte*, int> _action;
    private readonly nint _sleep;

    private NativeCalls(Func<string, nint> export)
    {
        _initializeAttribute = (delegate* unmanaged<byte*, int>)export("pthread_mutexattr_init");
        _setShared = (delegate* unmanaged<byte*, int, int>)export("pthread_mutexattr_setpshared");
        _setRobust = (delegate* unmanaged<byte*, int, int>)export("pthread_mutexattr_setrobust");
        _initializeMutex = (delegate* unmanaged<byte*, byte*, int>)export("pthread_mutex_init");
        _lock = (delegate* unmanaged<byte*, int>)export("pthread_mutex_lock");
        _unlock = (delegate* unmanaged<byte*, int>)export("pthread_mutex_unlock");
        _write = (delegate* unmanaged<int, byte*, nint, nint>)export("write");
        _sendMessage = (delegate* unmanaged<int, void*, int, nint>)export("sendmsg");
        _receiveMessage = (delegate* unmanaged<int, void*, int, nint>)export("recvmsg");
        _close = (delegate* unmanaged<int, int>)export("close");
        _exit = (delegate* unmanaged<int, void>)export("_exit");
        _signal = (delegate* unmanaged<int, nint, nint>)export("signal");
        _action = (delegate* unmanaged<int, byte*, byte*, int>)export("sigaction");
        _sleep = export("sleep");
    }

    /// <summary>Those of this process; null where the system is not Linux.</summary>
    public static NativeCalls? OfProcess => Own.Value;

    /// <summary>Makes a mutex in shared memory that the kernel gives on when its owner dies.</summary>
    public bool TryInitializeMutex(byte* mutex)
    {
        byte* attribute = stackalloc byte[AttributeBytes];
        return _initializeAttribute(attribute) == 0 && _setShared(attribute, IsShared) == 0
            && _setRobust(attribute, IsRobust) == 0 && _initializeMutex(mutex, attribute) == 0;
    }

    public int Lock(byte* mutex) => _lock(mutex);

    public int Unlock(byte* mutex) => _unlock(mutex);

    /// <summary>Writes to the error stream, in one call.</summary>
    public void WriteError(ReadOnlySpan<byte> text)
    {
        fixed (byte* start = text)
        {
            _write(ErrorStream, start, text.Length);
        }
    }

    /// <summary>Has an abort() of native code wait for six seconds, which is the number of its signal, before it ends
    /// the process. UCX, below MPICH, aborts a rank that reads from one that has died, within the millisecond; which of
    /// the two died first could not be told.</summary>
    public void DelayAborts() => _signal(AbortSignal, _sleep);

    /// <summary>Reads what happens at the signals that .NET makes exceptions of, and at that of an abort.</summary>
    /// <returns>A struct sigaction for each.</returns>
    public byte[] ReadSignalActions()
    {
        byte[] actions = new byte[Signals.Length * ActionBytes];
        fixed (byte* start = actions)
        {
            for (int i = 0; i < Signals.Length; i++)
            {
                _action(Signals[i], null, start + (i * ActionBytes));
            }
        }

        return actions;
    }

    /// <summary>Has happen again what happened when they were read.</summary>
    public void RestoreSignalActions(byte[] actions)
    {
        fixed (byte* start = actions)
        {
            for (int i = 0; i < Signals.Length; i++)
            {
                _action(Signals[i], start + (i * ActionBytes), null);
            }
        }
    }

    /// <summary>Sends a msghdr.</summary>
    public nint SendMessage(int socket, void* message) => _sendMessage(socket, message, 0);

    /// <summary>Receives into a msghdr; a file that comes with it is closed in programs that this one starts.</summary>
    public nint ReceiveMessage(int socket, void* message) => _receiveMessage(socket, message, CloseOnExec);

    public void Close(int file) => _close(file);

    /// <summary>Ends the process here and now; nothing else of it runs.</summary>
    [DoesNotReturn]
    public void Exit(int code)
    {
        _exit(code);
        throw new InvalidOperationException("The process has ended.");
    }

    private static NativeCalls? TryLoad()
    {
        nint program = NativeLibrary.GetMainProgramHandle();
        try
        {
            return new NativeCalls(name => NativeLibrary.GetExport(program, name));
        }
        catch (EntryPointNotFoundException)
        {
            return null;
        }
    }
}
