using System.Globalization;
using System.Runtime.InteropServices;

namespace Requant.Distributed.Nccl;

/// <summary>The functions of the CUDA driver that a communicator needs: host bytes go by way of the device, and events
/// say that the stream has come to the end of an exchange. All are for the calling thread's current context.</summary>
internal sealed unsafe class CudaCalls
{
    /// <summary>CUDA_ERROR_NOT_READY.</summary>
    private const int NotReady = 600;

    /// <summary>CU_EVENT_DISABLE_TIMING.</summary>
    private const uint WithoutTime = 2;

    private const string FileName = "libcuda.so.1";

    private static readonly Lazy<CudaCalls> Own = new(() => new CudaCalls(NativeLibrary.Load(FileName)));

    private readonly delegate* unmanaged<nint*, nuint, int> _allocate;
    private readonly delegate* unmanaged<nint, int> _free;
    private readonly delegate* unmanaged<nint, void*, nuint, nint, int> _toDevice;
    private readonly delegate* unmanaged<void*, nint, nuint, nint, int> _toHost;
    private readonly delegate* unmanaged<nint*, uint, int> _createEvent;
    private readonly delegate* unmanaged<nint, int> _destroyEvent;
    private readonly delegate* unmanaged<nint, nint, int> _record;
    private readonly delegate* unmanaged<nint, int> _query;

    private CudaCalls(nint library)
    {
        nint Export(string function) => NativeLibrary.GetExport(library, function);
        _allocate = (delegate* unmanaged<nint*, nuint, int>)Export("cuMemAlloc_v2");
        _free = (delegate* unmanaged<nint, int>)Export("cuMemFree_v2");
        _toDevice = (delegate* unmanaged<nint, void*, nuint, nint, int>)Export("cuMemcpyHtoDAsync_v2");
        _toHost = (delegate* unmanaged<void*, nint, nuint, nint, int>)Export("cuMemcpyDtoHAsync_v2");
        _createEvent = (delegate* unmanaged<nint*, uint, int>)Export("cuEventCreate");
        _destroyEvent = (delegate* unmanaged<nint, int>)Export("cuEventDestroy_v2");
        _record = (delegate* unmanaged<nint, nint, int>)Export("cuEventRecord");
        _query = (delegate* unmanaged<nint, int>)Export("cuEventQuery");
    }

    /// <exception cref="DllNotFoundException">There is no driver.</exception>
    public static CudaCalls OfProcess => Own.Value;

    public nint Allocate(long bytes)
    {
        nint address = 0;
        Check(_allocate(&address, (nuint)bytes), "cuMemAlloc");
        return address;
    }

    public void Free(nint address) => _free(address);

    public void CopyToDevice(nint to, void* from, long bytes, nint stream) =>
        Check(_toDevice(to, from, (nuint)bytes, stream), "cuMemcpyHtoDAsync");

    public void CopyToHost(void* to, nint from, long bytes, nint stream) =>
        Check(_toHost(to, from, (nuint)bytes, stream), "cuMemcpyDtoHAsync");

    public nint CreateEvent()
    {
        nint created = 0;
        Check(_createEvent(&created, WithoutTime), "cuEventCreate");
        return created;
    }

    public void DestroyEvent(nint created) => _destroyEvent(created);

    public void Record(nint created, nint stream) => Check(_record(created, stream), "cuEventRecord");

    /// <summary>Whether the stream has come to where the event was recorded.</summary>
    public bool HasPassed(nint created)
    {
        int result = _query(created);
        if (result == NotReady)
        {
            return false;
        }

        Check(result, "cuEventQuery");
        return true;
    }

    private static void Check(int result, string function)
    {
        if (result != 0)
        {
            throw new CommunicationException(
                string.Create(CultureInfo.InvariantCulture, $"{function}: error {result} of CUDA"));
        }
    }
}
