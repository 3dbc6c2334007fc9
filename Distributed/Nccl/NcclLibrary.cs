using System.Globalization;
using System.Runtime.InteropServices;

namespace Requant.Distributed.Nccl;

/// <summary>The functions of nccl.h that are called, as of NCCL 2.7, the first with sends and receives.</summary>
internal sealed unsafe class NcclLibrary
{
    /// <summary>ncclUint8 of ncclDataType_t.</summary>
    public const int Bytes = 1;

    private const string FileName = "libnccl.so.2";

    /// <summary>Versions up to 2.8 are numbered XYZZ, later ones XYYZZ.</summary>
    private const int FirstLongVersion = 10000;

    private static readonly Lazy<NcclLibrary> Own = new(Load);

    private readonly delegate* unmanaged<NcclResult, byte*> _errorString;

    private NcclLibrary(nint library)
    {
        nint Export(string function) => NativeLibrary.GetExport(library, function);
        _errorString = (delegate* unmanaged<NcclResult, byte*>)Export("ncclGetErrorString");
        GetVersion = (delegate* unmanaged<int*, NcclResult>)Export("ncclGetVersion");
        GetUniqueId = (delegate* unmanaged<NcclUniqueId*, NcclResult>)Export("ncclGetUniqueId");
        InitRank = (delegate* unmanaged<nint*, int, NcclUniqueId, int, NcclResult>)Export("ncclCommInitRank");
        Destroy = (delegate* unmanaged<nint, NcclResult>)Export("ncclCommDestroy");
        Abort = (delegate* unmanaged<nint, NcclResult>)Export("ncclCommAbort");
        AsyncError = (delegate* unmanaged<nint, NcclResult*, NcclResult>)Export("ncclCommGetAsyncError");
        GroupStart = (delegate* unmanaged<NcclResult>)Export("ncclGroupStart");
        GroupEnd = (delegate* unmanaged<NcclResult>)Export("ncclGroupEnd");
        Send = (delegate* unmanaged<nint, nuint, int, int, nint, nint, NcclResult>)Export("ncclSend");
        Receive = (delegate* unmanaged<nint, nuint, int, int, nint, nint, NcclResult>)Export("ncclRecv");
        AllGather = (delegate* unmanaged<nint, nint, nuint, int, nint, nint, NcclResult>)Export("ncclAllGather");
        Broadcast =
            (delegate* unmanaged<nint, nint, nuint, int, int, nint, nint, NcclResult>)Export("ncclBroadcast");
    }

    /// <summary>The library of this machine, which stays until the process ends.</summary>
    /// <exception cref="DllNotFoundException">There is none.</exception>
    public static NcclLibrary OfProcess => Own.Value;

    public delegate* unmanaged<int*, NcclResult> GetVersion { get; }

    public delegate* unmanaged<NcclUniqueId*, NcclResult> GetUniqueId { get; }

    /// <summary>(communicator, ranks, id, rank).</summary>
    public delegate* unmanaged<nint*, int, NcclUniqueId, int, NcclResult> InitRank { get; }

    public delegate* unmanaged<nint, NcclResult> Destroy { get; }

    public delegate* unmanaged<nint, NcclResult> Abort { get; }

    public delegate* unmanaged<nint, NcclResult*, NcclResult> AsyncError { get; }

    public delegate* unmanaged<NcclResult> GroupStart { get; }

    public delegate* unmanaged<NcclResult> GroupEnd { get; }

    /// <summary>(buffer, count, type, peer, communicator, stream).</summary>
    public delegate* unmanaged<nint, nuint, int, int, nint, nint, NcclResult> Send { get; }

    /// <summary>(buffer, count, type, peer, communicator, stream).</summary>
    public delegate* unmanaged<nint, nuint, int, int, nint, nint, NcclResult> Receive { get; }

    /// <summary>(from, to, count of one rank, type, communicator, stream).</summary>
    public delegate* unmanaged<nint, nint, nuint, int, nint, nint, NcclResult> AllGather { get; }

    /// <summary>(from, to, count, type, root, communicator, stream).</summary>
    public delegate* unmanaged<nint, nint, nuint, int, int, nint, nint, NcclResult> Broadcast { get; }

    public string ReadVersion()
    {
        int version = 0;
        Check(GetVersion(&version), "ncclGetVersion");
        int step = version < FirstLongVersion ? 1000 : 10000;
        return string.Create(
            CultureInfo.InvariantCulture, $"NCCL {version / step}.{version % step / 100}.{version % 100}");
    }

    public string Describe(NcclResult result) => Marshal.PtrToStringUTF8((nint)_errorString(result)) ?? "";

    /// <exception cref="CommunicationException">A call did not succeed.</exception>
    public void Check(NcclResult result, string function)
    {
        if (result != NcclResult.Success)
        {
            throw new CommunicationException($"{function}: {Describe(result)}");
        }
    }

    private static NcclLibrary Load() => NativeLibrary.TryLoad(FileName, out nint library)
        ? new NcclLibrary(library)
        : throw new DllNotFoundException(
            $"NCCL cannot be loaded: {FileName}. NVIDIA's package libnccl2 has it, and so has libtorch for CUDA, whose "
            + "folder then belongs into LD_LIBRARY_PATH.");
}
