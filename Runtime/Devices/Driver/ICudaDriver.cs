namespace Requant.Devices.Driver;

/// <summary>The calls of the CUDA driver API that steps need. Each returns what the driver returns and throws nothing;
/// <see cref="CudaContext"/> makes exceptions of it. Safe for all threads.</summary>
/// <remarks>Contexts, modules, functions, streams, events and graphs are the driver's handles. An address is one of the
/// device's memory; a pointer is one of the host's. Calls from <see cref="GetFreeMemory"/> on need a current context. A
/// stream of 0 is the legacy default stream, which is libtorch's default too.</remarks>
internal unsafe interface ICudaDriver
{
    /// <summary>The driver's name of a result, as in <c>CUDA_ERROR_OUT_OF_MEMORY</c>, or <c>error n</c>.</summary>
    string GetErrorName(CudaResult result);

    /// <summary>The driver's text for a result, or an empty one.</summary>
    string GetErrorText(CudaResult result);

    /// <summary><c>cuInit</c>; any number of times.</summary>
    CudaResult Initialize();

    /// <summary><c>cuDriverGetVersion</c>: 1000 × major + 10 × minor of the newest CUDA that the
    /// driver serves.</summary>
    CudaResult GetDriverVersion(out int version);

    /// <summary><c>cuDeviceGetCount</c>.</summary>
    CudaResult GetDeviceCount(out int count);

    /// <summary><c>cuDeviceGet</c>.</summary>
    CudaResult GetDevice(int ordinal, out int device);

    /// <summary><c>cuDeviceGetName</c>.</summary>
    CudaResult GetDeviceName(int device, out string name);

    /// <summary><c>cuDeviceGetAttribute</c>.</summary>
    CudaResult GetDeviceAttribute(int device, CudaDeviceAttribute attribute, out int value);

    /// <summary><c>cuDeviceTotalMem</c>.</summary>
    CudaResult GetDeviceMemory(int device, out long bytes);

    /// <summary><c>cuDevicePrimaryCtxRetain</c>: the context that libtorch and the CUDA runtime use as well.</summary>
    CudaResult RetainPrimaryContext(int device, out nint context);

    /// <summary><c>cuDevicePrimaryCtxRelease</c>.</summary>
    CudaResult ReleasePrimaryContext(int device);

    /// <summary><c>cuCtxGetCurrent</c>; 0 for none.</summary>
    CudaResult GetCurrentContext(out nint context);

    /// <summary><c>cuCtxPushCurrent</c>.</summary>
    CudaResult PushContext(nint context);

    /// <summary><c>cuCtxPopCurrent</c>: what was current before the push is current again.</summary>
    CudaResult PopContext(out nint context);

    /// <summary><c>cuMemGetInfo</c>.</summary>
    CudaResult GetFreeMemory(out long freeBytes, out long totalBytes);

    /// <summary><c>cuModuleLoadDataEx</c> of a PTX text.</summary>
    /// <param name="ptx">The text.</param>
    /// <param name="module">The module.</param>
    /// <param name="errorLog">What the assembler says of errors.</param>
    /// <param name="infoLog">What it says otherwise, as on registers.</param>
    CudaResult LoadModule(string ptx, out nint module, out string errorLog, out string infoLog);

    /// <summary><c>cuModuleUnload</c>.</summary>
    CudaResult UnloadModule(nint module);

    /// <summary><c>cuModuleGetFunction</c>.</summary>
    CudaResult GetFunction(nint module, string name, out nint function);

    /// <summary><c>cuFuncGetAttribute</c>.</summary>
    CudaResult GetFunctionAttribute(nint function, CudaFunctionAttribute attribute, out int value);

    /// <summary><c>cuMemAlloc</c>; at least 1 byte, aligned to 256.</summary>
    CudaResult Allocate(long bytes, out ulong address);

    /// <summary><c>cuMemFree</c>, which waits for the device.</summary>
    CudaResult Free(ulong address);

    /// <summary><c>cuMemAllocHost</c>: memory of the host that copies need not stage.</summary>
    CudaResult AllocatePinned(long bytes, out void* pointer);

    /// <summary><c>cuMemFreeHost</c>.</summary>
    CudaResult FreePinned(void* pointer);

    /// <summary><c>cuMemcpyHtoD</c>; done on return.</summary>
    CudaResult CopyToDevice(ulong destination, void* source, long bytes);

    /// <summary><c>cuMemcpyDtoH</c>; done on return.</summary>
    CudaResult CopyToHost(void* destination, ulong source, long bytes);

    /// <summary><c>cuMemcpyHtoDAsync</c>. Pinned memory must stay as it is until the stream is past the copy; a graph
    /// reads it at each launch.</summary>
    CudaResult CopyToDeviceAsync(ulong destination, void* source, long bytes, nint stream);

    /// <summary><c>cuMemcpyDtoHAsync</c>.</summary>
    CudaResult CopyToHostAsync(void* destination, ulong source, long bytes, nint stream);

    /// <summary><c>cuMemcpyDtoDAsync</c>.</summary>
    CudaResult CopyOnDeviceAsync(ulong destination, ulong source, long bytes, nint stream);

    /// <summary><c>cuMemsetD8Async</c>.</summary>
    CudaResult FillAsync(ulong destination, byte value, long bytes, nint stream);

    /// <summary><c>cuStreamCreate</c>, not blocked by the legacy default stream.</summary>
    CudaResult CreateStream(out nint stream);

    /// <summary><c>cuStreamDestroy</c>.</summary>
    CudaResult DestroyStream(nint stream);

    /// <summary><c>cuStreamSynchronize</c>.</summary>
    CudaResult SynchronizeStream(nint stream);

    /// <summary><c>cuStreamWaitEvent</c>.</summary>
    CudaResult WaitEvent(nint stream, nint cudaEvent);

    /// <summary><c>cuEventCreate</c>, with time.</summary>
    CudaResult CreateEvent(out nint cudaEvent);

    /// <summary><c>cuEventDestroy</c>.</summary>
    CudaResult DestroyEvent(nint cudaEvent);

    /// <summary><c>cuEventRecord</c>.</summary>
    CudaResult RecordEvent(nint cudaEvent, nint stream);

    /// <summary><c>cuEventQuery</c>: <see cref="CudaResult.NotReady"/> while the stream is not there yet.</summary>
    CudaResult QueryEvent(nint cudaEvent);

    /// <summary><c>cuEventSynchronize</c>.</summary>
    CudaResult SynchronizeEvent(nint cudaEvent);

    /// <summary><c>cuEventElapsedTime</c>.</summary>
    CudaResult GetElapsedTime(nint start, nint end, out float milliseconds);

    /// <summary><c>cuLaunchKernel</c> of a grid of one dimension.</summary>
    /// <param name="function">From <see cref="GetFunction"/>.</param>
    /// <param name="groups">Groups of the grid.</param>
    /// <param name="groupSize">Threads of a group.</param>
    /// <param name="sharedBytes">Dynamic shared memory of a group.</param>
    /// <param name="stream">Where it waits for its turn.</param>
    /// <param name="arguments">A pointer to each parameter's bytes; they are copied before the call returns.</param>
    CudaResult Launch(nint function, int groups, int groupSize, int sharedBytes, nint stream, void** arguments);

    /// <summary><c>cuStreamIsCapturing</c>.</summary>
    CudaResult GetCaptureStatus(nint stream, out CudaCaptureStatus status);

    /// <summary><c>cuStreamBeginCapture</c>; not on stream 0.</summary>
    CudaResult BeginCapture(nint stream, CudaCaptureMode mode);

    /// <summary><c>cuStreamEndCapture</c>.</summary>
    CudaResult EndCapture(nint stream, out nint graph);

    /// <summary><c>cuGraphInstantiateWithFlags</c>.</summary>
    CudaResult InstantiateGraph(nint graph, out nint executable);

    /// <summary><c>cuGraphLaunch</c>.</summary>
    CudaResult LaunchGraph(nint executable, nint stream);

    /// <summary><c>cuGraphDestroy</c>; executables made of it stay.</summary>
    CudaResult DestroyGraph(nint graph);

    /// <summary><c>cuGraphExecDestroy</c>.</summary>
    CudaResult DestroyGraphExecutable(nint executable);
}
