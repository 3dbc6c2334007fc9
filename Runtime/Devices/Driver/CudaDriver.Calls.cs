namespace Requant.Devices.Driver;

/// <content>The driver's calls.</content>
internal sealed unsafe partial class CudaDriver
{
    private const int NameLength = 256;

    /// <summary>CU_STREAM_NON_BLOCKING.</summary>
    private const uint NonBlocking = 1;

    public string GetErrorName(CudaResult result)
    {
        byte* text = null;
        _ = _calls.GetErrorName(result, &text);
        return text is null ? $"error {(int)result}" : Text(text);
    }

    public string GetErrorText(CudaResult result)
    {
        byte* text = null;
        _ = _calls.GetErrorString(result, &text);
        return Text(text);
    }

    public CudaResult Initialize() => _calls.Init(0);

    public CudaResult GetDriverVersion(out int version)
    {
        fixed (int* pointer = &version)
        {
            return _calls.DriverGetVersion(pointer);
        }
    }

    public CudaResult GetDeviceCount(out int count)
    {
        fixed (int* pointer = &count)
        {
            return _calls.DeviceGetCount(pointer);
        }
    }

    public CudaResult GetDevice(int ordinal, out int device)
    {
        fixed (int* pointer = &device)
        {
            return _calls.DeviceGet(pointer, ordinal);
        }
    }

    public CudaResult GetDeviceName(int device, out string name)
    {
        byte* text = stackalloc byte[NameLength];
        CudaResult result = _calls.DeviceGetName(text, NameLength, device);
        name = result == CudaResult.Success ? Text(text) : "";
        return result;
    }

    public CudaResult GetDeviceAttribute(int device, CudaDeviceAttribute attribute, out int value)
    {
        fixed (int* pointer = &value)
        {
            return _calls.DeviceGetAttribute(pointer, attribute, device);
        }
    }

    public CudaResult GetDeviceMemory(int device, out long bytes)
    {
        nuint size = 0;
        CudaResult result = _calls.DeviceTotalMem(&size, device);
        bytes = (long)size;
        return result;
    }

    public CudaResult RetainPrimaryContext(int device, out nint context)
    {
        fixed (nint* pointer = &context)
        {
            return _calls.DevicePrimaryCtxRetain(pointer, device);
        }
    }

    public CudaResult ReleasePrimaryContext(int device) => _calls.DevicePrimaryCtxRelease(device);

    public CudaResult GetCurrentContext(out nint context)
    {
        fixed (nint* pointer = &context)
        {
            return _calls.CtxGetCurrent(pointer);
        }
    }

    public CudaResult PushContext(nint context) => _calls.CtxPushCurrent(context);

    public CudaResult PopContext(out nint context)
    {
        fixed (nint* pointer = &context)
        {
            return _calls.CtxPopCurrent(pointer);
        }
    }

    public CudaResult GetFreeMemory(out long freeBytes, out long totalBytes)
    {
        nuint available = 0;
        nuint total = 0;
        CudaResult result = _calls.MemGetInfo(&available, &total);
        freeBytes = (long)available;
        totalBytes = (long)total;
        return result;
    }

    public CudaResult Allocate(long bytes, out ulong address)
    {
        fixed (ulong* pointer = &address)
        {
            return _calls.MemAlloc(pointer, (nuint)bytes);
        }
    }

    public CudaResult Free(ulong address) => _calls.MemFree(address);

    public CudaResult AllocatePinned(long bytes, out void* pointer)
    {
        fixed (void** address = &pointer)
        {
            return _calls.MemAllocHost(address, (nuint)bytes);
        }
    }

    public CudaResult FreePinned(void* pointer) => _calls.MemFreeHost(pointer);

    public CudaResult CopyToDevice(ulong destination, void* source, long bytes) =>
        _calls.MemcpyHtoD(destination, source, (nuint)bytes);

    public CudaResult CopyToHost(void* destination, ulong source, long bytes) =>
        _calls.MemcpyDtoH(destination, source, (nuint)bytes);

    public CudaResult CopyToDeviceAsync(ulong destination, void* source, long bytes, nint stream) =>
        _calls.MemcpyHtoDAsync(destination, source, (nuint)bytes, stream);

    public CudaResult CopyToHostAsync(void* destination, ulong source, long bytes, nint stream) =>
        _calls.MemcpyDtoHAsync(destination, source, (nuint)bytes, stream);

    public CudaResult CopyOnDeviceAsync(ulong destination, ulong source, long bytes, nint stream) =>
        _calls.MemcpyDtoDAsync(destination, source, (nuint)bytes, stream);

    public CudaResult FillAsync(ulong destination, byte value, long bytes, nint stream) =>
        _calls.MemsetD8Async(destination, value, (nuint)bytes, stream);

    public CudaResult CreateStream(out nint stream)
    {
        fixed (nint* pointer = &stream)
        {
            return _calls.StreamCreate(pointer, NonBlocking);
        }
    }

    public CudaResult DestroyStream(nint stream) => _calls.StreamDestroy(stream);

    public CudaResult SynchronizeStream(nint stream) => _calls.StreamSynchronize(stream);

    public CudaResult WaitEvent(nint stream, nint cudaEvent) => _calls.StreamWaitEvent(stream, cudaEvent, 0);

    public CudaResult CreateEvent(out nint cudaEvent)
    {
        fixed (nint* pointer = &cudaEvent)
        {
            return _calls.EventCreate(pointer, 0);
        }
    }

    public CudaResult DestroyEvent(nint cudaEvent) => _calls.EventDestroy(cudaEvent);

    public CudaResult RecordEvent(nint cudaEvent, nint stream) => _calls.EventRecord(cudaEvent, stream);

    public CudaResult QueryEvent(nint cudaEvent) => _calls.EventQuery(cudaEvent);

    public CudaResult SynchronizeEvent(nint cudaEvent) => _calls.EventSynchronize(cudaEvent);

    public CudaResult GetElapsedTime(nint start, nint end, out float milliseconds)
    {
        fixed (float* pointer = &milliseconds)
        {
            return _calls.EventElapsedTime(pointer, start, end);
        }
    }

    public CudaResult Launch(
        nint function, int groups, int groupSize, int sharedBytes, nint stream, void** arguments) =>
        _calls.LaunchKernel(
            function, (uint)groups, 1, 1, (uint)groupSize, 1, 1, (uint)sharedBytes, stream, arguments, null);

    public CudaResult GetCaptureStatus(nint stream, out CudaCaptureStatus status)
    {
        fixed (CudaCaptureStatus* pointer = &status)
        {
            return _calls.StreamIsCapturing(stream, pointer);
        }
    }

    public CudaResult BeginCapture(nint stream, CudaCaptureMode mode) => _calls.StreamBeginCapture(stream, mode);

    public CudaResult EndCapture(nint stream, out nint graph)
    {
        fixed (nint* pointer = &graph)
        {
            return _calls.StreamEndCapture(stream, pointer);
        }
    }

    public CudaResult InstantiateGraph(nint graph, out nint executable)
    {
        fixed (nint* pointer = &executable)
        {
            return _calls.GraphInstantiate(pointer, graph, 0);
        }
    }

    public CudaResult LaunchGraph(nint executable, nint stream) => _calls.GraphLaunch(executable, stream);

    public CudaResult DestroyGraph(nint graph) => _calls.GraphDestroy(graph);

    public CudaResult DestroyGraphExecutable(nint executable) => _calls.GraphExecDestroy(executable);
}
