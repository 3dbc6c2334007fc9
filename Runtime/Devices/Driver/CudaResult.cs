namespace Requant.Devices.Driver;

/// <summary>What a call of the driver returns (<c>CUresult</c>); the driver has more values than have
/// a name here.</summary>
internal enum CudaResult
{
    /// <summary>Done.</summary>
    Success = 0,

    /// <summary>An argument is not what the call takes.</summary>
    InvalidValue = 1,

    /// <summary>The device, or for pinned memory the host, has not as much memory left.</summary>
    OutOfMemory = 2,

    /// <summary><c>cuInit</c> was not called.</summary>
    NotInitialized = 3,

    /// <summary>The process is ending.</summary>
    Deinitialized = 4,

    /// <summary>There is a driver and no device.</summary>
    NoDevice = 100,

    /// <summary>There is no device of this number.</summary>
    InvalidDevice = 101,

    /// <summary>No context is current.</summary>
    InvalidContext = 201,

    /// <summary>The module has no code for the device.</summary>
    NoBinaryForGpu = 209,

    /// <summary>The PTX does not assemble; the log says why.</summary>
    InvalidPtx = 218,

    /// <summary>The driver has no assembler for PTX beside it.</summary>
    JitCompilerNotFound = 221,

    /// <summary>The PTX is of a version that is newer than the driver.</summary>
    UnsupportedPtxVersion = 222,

    /// <summary>A handle is not valid, or of another context.</summary>
    InvalidHandle = 400,

    /// <summary>The module has no such function.</summary>
    NotFound = 500,

    /// <summary>Work is not yet done.</summary>
    NotReady = 600,

    /// <summary>A kernel used an address that is no memory of the device.</summary>
    IllegalAddress = 700,

    /// <summary>A group needs more registers or shared memory than there are.</summary>
    LaunchOutOfResources = 701,

    /// <summary>A kernel used an address that is not aligned for the access.</summary>
    MisalignedAddress = 716,

    /// <summary>A kernel failed in a way that has no other name.</summary>
    LaunchFailed = 719,

    /// <summary>The driver's library and the kernel module are of different versions.</summary>
    SystemDriverMismatch = 803,

    /// <summary>The call cannot be captured, or must not be made while a stream is.</summary>
    StreamCaptureUnsupported = 900,

    /// <summary>The capture was spoiled by such a call.</summary>
    StreamCaptureInvalidated = 901,

    /// <summary>No capture has begun on the stream.</summary>
    StreamCaptureUnmatched = 903,
}
