using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Requant.Distributed.Mpi;

/// <summary>An MPI library that is loaded: its functions and its constants.</summary>
internal sealed unsafe partial class MpiLibrary
{
    private static readonly string[] OpenMpiNames = ["libmpi.so.40", "libmpi.so.80", "libmpi.40.dylib"];

    private static readonly string[] MpichNames = ["libmpich.so.12", "libmpi.so.12", "libmpi.12.dylib"];

    private static readonly string[] OtherNames =
        ["libmpi_abi.so.0", "libmpi_abi.0.dylib", "libmpi.so", "libmpi.dylib"];

    private MpiLibrary(nint library, string name)
    {
        Name = name;
        Kind = MpiAbi.KindOf(library, name);
        Abi = MpiAbi.Of(Kind, library);
        nint Export(string function) => NativeLibrary.GetExport(library, function);
        Initialized = (delegate* unmanaged<int*, int>)Export("MPI_Initialized");
        InitThread = (delegate* unmanaged<int*, byte***, int, int*, int>)Export("MPI_Init_thread");
        End = (delegate* unmanaged<int>)Export("MPI_Finalize");
        Abort = (delegate* unmanaged<nint, int, int>)Export("MPI_Abort");
        CommDup = (delegate* unmanaged<nint, nint*, int>)Export("MPI_Comm_dup");
        CommRank = (delegate* unmanaged<nint, int*, int>)Export("MPI_Comm_rank");
        CommSize = (delegate* unmanaged<nint, int*, int>)Export("MPI_Comm_size");
        SetErrorHandler = (delegate* unmanaged<nint, nint, int>)Export("MPI_Comm_set_errhandler");
        Send = (delegate* unmanaged<nint, int, nint, int, int, nint, byte*, int>)Export("MPI_Isend");
        Receive = (delegate* unmanaged<nint, int, nint, int, int, nint, byte*, int>)Export("MPI_Irecv");
        TestSome = (delegate* unmanaged<int, byte*, int*, int*, byte*, int>)Export("MPI_Testsome");
        GetCount = (delegate* unmanaged<byte*, nint, int*, int>)Export("MPI_Get_count");
        ErrorString = (delegate* unmanaged<int, byte*, int*, int>)Export("MPI_Error_string");
        GetVersion = (delegate* unmanaged<byte*, int*, int>)Export("MPI_Get_library_version");
    }

    public string Name { get; }

    public MpiKind Kind { get; }

    public MpiAbi Abi { get; }

    public delegate* unmanaged<int*, int> Initialized { get; }

    public delegate* unmanaged<int*, byte***, int, int*, int> InitThread { get; }

    public delegate* unmanaged<int> End { get; }

    public delegate* unmanaged<nint, int, int> Abort { get; }

    public delegate* unmanaged<nint, nint*, int> CommDup { get; }

    public delegate* unmanaged<nint, int*, int> CommRank { get; }

    public delegate* unmanaged<nint, int*, int> CommSize { get; }

    public delegate* unmanaged<nint, nint, int> SetErrorHandler { get; }

    public delegate* unmanaged<nint, int, nint, int, int, nint, byte*, int> Send { get; }

    public delegate* unmanaged<nint, int, nint, int, int, nint, byte*, int> Receive { get; }

    public delegate* unmanaged<int, byte*, int*, int*, byte*, int> TestSome { get; }

    public delegate* unmanaged<byte*, nint, int*, int> GetCount { get; }

    private delegate* unmanaged<int, byte*, int*, int> ErrorString { get; }

    private delegate* unmanaged<byte*, int*, int> GetVersion { get; }

    /// <summary>Loads the library of the launcher that started this process, or the first one that there is.</summary>
    /// <param name="name">The file; null to look for one.</param>
    /// <exception cref="DllNotFoundException">There is none.</exception>
    public static MpiLibrary Load(string? name)
    {
        string[] names = name is null ? Candidates(MpiLauncher.Current) : [name];
        foreach (string one in names)
        {
            if (NativeLibrary.TryLoad(one, out nint library))
            {
                return new MpiLibrary(library, one);
            }
        }

        throw new DllNotFoundException(
            $"No MPI library can be loaded: {string.Join(", ", names)}. Install one, as with 'apt install openmpi-bin' "
            + $"or 'apt install mpich', or name its file in {nameof(CommunicatorOptions)}."
            + $"{nameof(CommunicatorOptions.MpiLibrary)}.");
    }

    /// <summary>Which files to try, the most fitting ones first.</summary>
    /// <remarks>A process that no launcher started is one rank. MPICH needs no further process for that.</remarks>
    public static string[] Candidates(MpiLauncher launcher) => launcher.IsOpenMpi
        ? [.. OpenMpiNames, .. OtherNames, .. MpichNames]
        : [.. MpichNames, .. OpenMpiNames, .. OtherNames];

    /// <summary>The library's name and version, from the text that it gives.</summary>
    public static string ShortVersion(string text, MpiKind kind)
    {
        Match match = Version().Match(text);
        string version = match.Success
            ? $"{match.Groups[1].Value} {match.Groups[2].Value}"
            : text.Split('\n')[0].Trim();
        return kind == MpiKind.Standard ? $"{version}, standard ABI" : version;
    }

    public string ReadVersion()
    {
        byte* text = stackalloc byte[MpiAbi.MostText];
        int length = 0;
        GetVersion(text, &length);
        return ShortVersion(Marshal.PtrToStringUTF8((nint)text) ?? "", Kind);
    }

    public string Describe(int error)
    {
        byte* text = stackalloc byte[MpiAbi.MostText];
        int length = 0;
        return ErrorString(error, text, &length) == 0
            ? Marshal.PtrToStringUTF8((nint)text) ?? ""
            : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"error {error}");
    }

    /// <exception cref="CommunicationException">A call did not succeed.</exception>
    public void Check(int error, string function)
    {
        if (error != 0)
        {
            throw new CommunicationException($"{function} of {Name}: {Describe(error)}");
        }
    }

    [GeneratedRegex(@"(Open MPI|MPICH|MVAPICH2?)(?: v| Version\s*:\s*|\s+)([\w.]+)")]
    private static partial Regex Version();
}
