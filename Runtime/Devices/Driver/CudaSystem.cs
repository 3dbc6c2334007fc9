namespace Requant.Devices.Driver;

/// <summary>What a driver says of itself and its devices; no context is made.</summary>
/// <param name="Cuda">The newest CUDA that the driver serves.</param>
/// <param name="Devices">Those that the process sees; there may be none.</param>
internal sealed record CudaSystem(Version Cuda, IReadOnlyList<CudaDevice> Devices)
{
    /// <summary>Whether the driver takes the PTX of the kernels.</summary>
    public bool IsSupported => Cuda >= CudaRemedy.OldestCuda;

    /// <summary>Starts the driver and asks it.</summary>
    /// <exception cref="CudaException">It does not start, or an answer fails.</exception>
    public static CudaSystem Read(ICudaDriver driver)
    {
        CudaResult started = driver.Initialize();
        if (started is not (CudaResult.Success or CudaResult.NoDevice))
        {
            throw CudaErrors.Create(driver, "cuInit", started, remedy: CudaRemedy.DriverFails);
        }

        CudaErrors.Require(driver, driver.GetDriverVersion(out int version), "cuDriverGetVersion");
        var cuda = new Version(version / 1000, version % 1000 / 10);
        if (started == CudaResult.NoDevice)
        {
            return new CudaSystem(cuda, []);
        }

        CudaErrors.Require(driver, driver.GetDeviceCount(out int count), "cuDeviceGetCount");
        return new CudaSystem(cuda, [.. Enumerable.Range(0, count).Select(ordinal => Describe(driver, ordinal))]);
    }

    /// <summary>The device of a number, if kernels run on it.</summary>
    /// <exception cref="CudaException">There is none, it is too old, or the driver is.</exception>
    public CudaDevice Require(int ordinal)
    {
        if (Devices.Count == 0)
        {
            throw CudaErrors.Create($"The CUDA driver has no device for this process. {CudaRemedy.NoDevice}");
        }

        if (ordinal >= Devices.Count)
        {
            throw CudaErrors.Create(
                $"There is no CUDA device {ordinal}; this process has {Devices.Count}: "
                + $"{string.Join(", ", Devices.Select(device => $"{device.Ordinal} ({device.Name})"))}. "
                + $"{CudaRemedy.NoDevice}");
        }

        CudaDevice found = Devices[ordinal];
        if (!found.IsSupported)
        {
            throw CudaErrors.Create(
                $"CUDA device {ordinal} ({found.Name}) has compute capability {found.Capability}. "
                + $"{CudaRemedy.OldDevice}");
        }

        return IsSupported ? found : throw CudaErrors.Create(
            $"The driver serves CUDA {Cuda}, and kernels need {CudaRemedy.OldestCuda} or newer. "
            + $"{CudaRemedy.UpdateDriver}");
    }

    private static CudaDevice Describe(ICudaDriver driver, int ordinal)
    {
        CudaErrors.Require(driver, driver.GetDevice(ordinal, out int device), "cuDeviceGet");
        CudaErrors.Require(driver, driver.GetDeviceName(device, out string name), "cuDeviceGetName");
        CudaErrors.Require(driver, driver.GetDeviceMemory(device, out long bytes), "cuDeviceTotalMem");
        var capability = new Version(
            Attribute(CudaDeviceAttribute.ComputeCapabilityMajor),
            Attribute(CudaDeviceAttribute.ComputeCapabilityMinor));
        return new CudaDevice(
            ordinal, device, name, capability, Attribute(CudaDeviceAttribute.MultiprocessorCount),
            new CudaMultiprocessor(
                Attribute(CudaDeviceAttribute.ThreadsPerMultiprocessor),
                Attribute(CudaDeviceAttribute.RegistersPerMultiprocessor),
                Attribute(CudaDeviceAttribute.SharedBytesPerMultiprocessor)),
            bytes);

        int Attribute(CudaDeviceAttribute attribute)
        {
            CudaErrors.Require(
                driver, driver.GetDeviceAttribute(device, attribute, out int value), "cuDeviceGetAttribute");
            return value;
        }
    }
}
