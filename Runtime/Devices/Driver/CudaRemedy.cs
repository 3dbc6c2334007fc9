namespace Requant.Devices.Driver;

/// <summary>What users can do about what goes wrong with CUDA.</summary>
internal static class CudaRemedy
{
    public const string NoDriver =
        "With an NVIDIA GPU, install its driver (https://www.nvidia.com/drivers, or your distribution's package); the "
        + "CUDA toolkit is not needed. In a container, start it with --gpus all and the NVIDIA Container Toolkit. "
        + "Without a GPU nothing is missing: Device.Cpu does not need one.";

    public const string DriverFails =
        "The driver does not start. After an update of the driver, restart the machine (or the container, whose "
        + "library must be the host's); nvidia-smi shows whether it works. Device.Cpu does not need it.";

    public const string NoDevice =
        "See what nvidia-smi lists, that CUDA_VISIBLE_DEVICES does not hide it, and in a container that it was started "
        + "with --gpus all. Device.Cpu does not need one.";

    public const string UpdateDriver =
        "Update the NVIDIA driver (https://www.nvidia.com/drivers, or your distribution's package).";

    private const string OutOfMemory =
        "Free memory of the device, or use a smaller model; nvidia-smi lists which processes hold it.";

    private const string Faulted =
        "A kernel that ran before, which need not be one of Requant's, used memory that is not its own or failed "
        + "otherwise. CUDA cannot be used in this process from here on: restart it. "
        + "compute-sanitizer names the kernel.";

    private const string NotCapturable =
        "Take one step before the capture begins, with the same tensors, so that kernels are loaded and memory is "
        + "allocated; and add parameters, read states and dispose optimizers outside of captures.";

    /// <summary>The oldest compute capability that kernels are compiled for.</summary>
    public static Version OldestCapability { get; } = CudaDevice.CapabilityOf(PtxCompiler.Architectures[0]);

    /// <summary>The oldest CUDA whose driver takes the PTX that <see cref="PtxCompiler"/> writes, which is of
    /// version 7.8.</summary>
    public static Version OldestCuda { get; } = new(11, 8);

    /// <summary>What to do about a device that is too old.</summary>
    public static string OldDevice { get; } =
        $"Kernels need compute capability {OldestCapability} or newer, so this device cannot be used; "
        + "Device.Cpu does not need it.";

    /// <summary>What to do about a result of a call, or null where that is not known.</summary>
    public static string? For(CudaResult result) => result switch
    {
        CudaResult.OutOfMemory => OutOfMemory,
        CudaResult.NoDevice or CudaResult.InvalidDevice => NoDevice,
        CudaResult.UnsupportedPtxVersion or CudaResult.JitCompilerNotFound => UpdateDriver,
        CudaResult.NoBinaryForGpu => OldDevice,
        CudaResult.SystemDriverMismatch => DriverFails,
        CudaResult.IllegalAddress or CudaResult.MisalignedAddress or CudaResult.LaunchFailed => Faulted,
        CudaResult.StreamCaptureUnsupported or CudaResult.StreamCaptureInvalidated => NotCapturable,
        _ => null,
    };
}
