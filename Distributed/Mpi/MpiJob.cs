using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Requant.Distributed.Faults;

namespace Requant.Distributed.Mpi;

/// <summary>MPI in this process: it is started once, and ended once.</summary>
internal sealed unsafe class MpiJob
{
    private const int MostMillisecondsOfAbort = 3000;

    private static readonly Lock Gate = new();
    private static bool _wasStarted;

    private readonly bool _isOwner;
    private byte[]? _actions;
    private bool _hasLeft;

    private MpiJob(MpiLibrary library)
    {
        Library = library;
        int isInitialized = 0;
        library.Check(library.Initialized(&isInitialized), "MPI_Initialized");
        _isOwner = isInitialized == 0;
        if (_isOwner)
        {
            // One thread at a time calls, though not always the same one: the last call may come from the one that
            // ends the process.
            int provided = 0;
            library.Check(library.InitThread(null, null, library.Abi.Serialized, &provided), "MPI_Init_thread");
            if (provided < library.Abi.Funneled)
            {
                throw new NotSupportedException($"{library.Name} is built without support for threads.");
            }
        }

        nint handle = 0;
        int rank = 0;
        int size = 0;
        library.Check(library.CommDup(library.Abi.World, &handle), "MPI_Comm_dup");
        library.Check(library.SetErrorHandler(handle, library.Abi.ErrorsReturn), "MPI_Comm_set_errhandler");
        if (_isOwner)
        {
            // MPICH asks the world for what to do about errors of requests.
            library.Check(
                library.SetErrorHandler(library.Abi.World, library.Abi.ErrorsReturn), "MPI_Comm_set_errhandler");
        }

        library.Check(library.CommRank(handle, &rank), "MPI_Comm_rank");
        library.Check(library.CommSize(handle, &size), "MPI_Comm_size");
        (Handle, Rank, Size) = (handle, rank, size);
    }

    public MpiLibrary Library { get; }

    /// <summary>The communicator of all ranks, in which no other library's messages are.</summary>
    public nint Handle { get; }

    public int Rank { get; }

    public int Size { get; }

    /// <summary>Starts MPI and joins the job.</summary>
    /// <exception cref="InvalidOperationException">It was started before, or the library is not the
    /// launcher's.</exception>
    public static MpiCommunicator Join(CommunicatorOptions options)
    {
        MpiJob job;
        lock (Gate)
        {
            if (_wasStarted)
            {
                throw new InvalidOperationException("A process can join one MPI job, once.");
            }

            // UCX, below MPICH, makes a crash of what .NET makes a NullReferenceException of.
            byte[]? actions = NativeCalls.OfProcess?.ReadSignalActions();
            var library = MpiLibrary.Load(options.MpiLibrary);
            _wasStarted = true;
            job = new MpiJob(library) { _actions = actions };
            job.RestoreSignals();
        }

        if (job.Size == 1 && MpiLauncher.Current.Size is int size and > 1)
        {
            string text = string.Create(
                CultureInfo.InvariantCulture,
                $"The launcher started {size} processes, and each is alone by {job.Library.Name}, which is another "
                + $"MPI's. Start them with that one's mpirun, or name the launcher's library in "
                + $"{nameof(CommunicatorOptions)}.{nameof(CommunicatorOptions.MpiLibrary)}.");
            throw new InvalidOperationException(text);
        }

        var communicator = new MpiCommunicator(job, options);
        AppDomain.CurrentDomain.UnhandledException +=
            (_, arguments) => communicator.ReportUnhandled((Exception)arguments.ExceptionObject);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => communicator.LeaveAtExit();
        return communicator;
    }

    /// <summary>Has signals do what they did before MPI.</summary>
    public void RestoreSignals()
    {
        if (_actions is not null)
        {
            NativeCalls.OfProcess?.RestoreSignalActions(_actions);
        }
    }

    /// <summary>Ends MPI in this process; waits for the other ranks to do so, with most libraries.</summary>
    public void Leave()
    {
        if (!_hasLeft && _isOwner)
        {
            _hasLeft = true;
            Library.End();
        }
    }

    /// <summary>Has MPI end all ranks.</summary>
    [DoesNotReturn]
    public void Abort()
    {
        // Open MPI waits within the call for the launcher to kill the process.
        new Thread(() =>
        {
            Thread.Sleep(MostMillisecondsOfAbort);
            NativeCalls.OfProcess?.Exit(1);
        })
        { IsBackground = true }.Start();
        Library.Abort(Handle, 1);
        NativeCalls.OfProcess?.Exit(1);
        Environment.FailFast("MPI_Abort has returned.");
    }
}
