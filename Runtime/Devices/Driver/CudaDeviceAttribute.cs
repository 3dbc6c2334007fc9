namespace Requant.Devices.Driver;

/// <summary>Attributes of devices (<c>CUdevice_attribute</c>) that are asked for.</summary>
internal enum CudaDeviceAttribute
{
    /// <summary>Multiprocessors.</summary>
    MultiprocessorCount = 16,

    /// <summary>Threads that a multiprocessor can hold.</summary>
    ThreadsPerMultiprocessor = 39,

    /// <summary>Bytes of shared memory of a multiprocessor.</summary>
    SharedBytesPerMultiprocessor = 81,

    /// <summary>Registers of a multiprocessor.</summary>
    RegistersPerMultiprocessor = 82,

    /// <summary>The first number of the compute capability.</summary>
    ComputeCapabilityMajor = 75,

    /// <summary>Its second number.</summary>
    ComputeCapabilityMinor = 76,
}

/// <summary>Attributes of functions (<c>CUfunction_attribute</c>) that are asked for.</summary>
internal enum CudaFunctionAttribute
{
    /// <summary>Threads that a group may have.</summary>
    MaxThreadsPerBlock = 0,

    /// <summary>Bytes of shared memory that the function declares.</summary>
    SharedBytes = 1,

    /// <summary>Bytes of local memory of a thread: spilled registers and local arrays.</summary>
    LocalBytes = 3,

    /// <summary>Registers of a thread.</summary>
    Registers = 4,
}

/// <summary>Whether a stream's work is being recorded (<c>CUstreamCaptureStatus</c>).</summary>
internal enum CudaCaptureStatus
{
    /// <summary>Work is done, not recorded.</summary>
    None = 0,

    /// <summary>Work is recorded.</summary>
    Active = 1,

    /// <summary>Work was recorded until a call that cannot be; the capture must be ended.</summary>
    Invalidated = 2,
}

/// <summary>Whose calls spoil a capture (<c>CUstreamCaptureMode</c>).</summary>
internal enum CudaCaptureMode
{
    /// <summary>Those of every thread.</summary>
    Global = 0,

    /// <summary>Those of the thread that captures.</summary>
    ThreadLocal = 1,

    /// <summary>Nobody's.</summary>
    Relaxed = 2,
}
