using System.Runtime.InteropServices;

namespace Requant.Cli.Doctor;

/// <summary>A device as the driver describes it.</summary>
internal sealed record CudaDevice(string Name, Version Capability, long MemoryBytes);

/// <summary>The few functions of the CUDA driver API that describe it; no context is made.</summary>
internal sealed unsafe class CudaDriver : IDisposable
{
    private const int Success = 0;
    private const int NoDevice = 100;
    private const int NameLength = 256;

    /// <summary>CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR and _MINOR.</summary>
    private const int CapabilityMajor = 75;
    private const int CapabilityMinor = 76;

    private readonly nint _library;

    private CudaDriver(nint library)
    {
        _library = library;
        int result = ((delegate* unmanaged<uint, int>)Function("cuInit"))(0);
        if (result is not (Success or NoDevice))
        {
            Failure = $"cuInit fails with {ErrorName(result)}";
            return;
        }

        int version;
        Require(((delegate* unmanaged<int*, int>)Function("cuDriverGetVersion"))(&version), "cuDriverGetVersion");
        Version = new Version(version / 1000, version % 1000 / 10);
        Devices = result == NoDevice ? [] : ListDevices();
    }

    public static string LibraryName => OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1";

    /// <summary>Why the driver cannot be used, or null.</summary>
    public string? Failure { get; private set; }

    /// <summary>The newest CUDA that the driver serves.</summary>
    public Version Version { get; } = new();

    public IReadOnlyList<CudaDevice> Devices { get; } = [];

    /// <summary>The driver of this machine, or null where it has none.</summary>
    public static CudaDriver? TryLoad()
    {
        if (OperatingSystem.IsMacOS() || !NativeLibrary.TryLoad(LibraryName, out nint library))
        {
            return null;
        }

        return new CudaDriver(library);
    }

    /// <inheritdoc/>
    public void Dispose() => NativeLibrary.Free(_library);

    private CudaDevice[] ListDevices()
    {
        int count;
        Require(((delegate* unmanaged<int*, int>)Function("cuDeviceGetCount"))(&count), "cuDeviceGetCount");
        return [.. Enumerable.Range(0, count).Select(Describe)];
    }

    private CudaDevice Describe(int ordinal)
    {
        int device, major, minor;
        nuint bytes;
        byte* name = stackalloc byte[NameLength];
        Require(((delegate* unmanaged<int*, int, int>)Function("cuDeviceGet"))(&device, ordinal), "cuDeviceGet");
        Require(((delegate* unmanaged<byte*, int, int, int>)Function("cuDeviceGetName"))(name, NameLength, device), "cuDeviceGetName");
        Require(((delegate* unmanaged<nuint*, int, int>)Function("cuDeviceTotalMem_v2"))(&bytes, device), "cuDeviceTotalMem");
        var attribute = (delegate* unmanaged<int*, int, int, int>)Function("cuDeviceGetAttribute");
        Require(attribute(&major, CapabilityMajor, device), "cuDeviceGetAttribute");
        Require(attribute(&minor, CapabilityMinor, device), "cuDeviceGetAttribute");
        return new CudaDevice(Marshal.PtrToStringUTF8((nint)name) ?? "", new Version(major, minor), (long)bytes);
    }

    private nint Function(string name) => NativeLibrary.GetExport(_library, name);

    private void Require(int result, string function)
    {
        if (result != Success)
        {
            Failure ??= $"{function} fails with {ErrorName(result)}";
        }
    }

    private string ErrorName(int result)
    {
        byte* text = null;
        _ = ((delegate* unmanaged<int, byte**, int>)Function("cuGetErrorName"))(result, &text);
        return text is null ? $"error {result}" : Marshal.PtrToStringUTF8((nint)text)!;
    }
}
