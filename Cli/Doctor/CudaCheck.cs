namespace Requant.Cli.Doctor;

/// <summary>The CUDA driver and its devices.</summary>
internal static class CudaCheck
{
    private const string Subject = "CUDA driver";

    private const string NoDriver =
        "no NVIDIA driver is found. With an NVIDIA GPU, install its driver (https://www.nvidia.com/drivers, or your "
        + "distribution's package); the CUDA toolkit is not needed. In a container, start it with --gpus all and the NVIDIA "
        + "Container Toolkit. Without a GPU nothing is missing: the CPU kernels do not need one.";

    private const string DriverFails =
        "the driver does not start. After an update of the driver, restart the machine (or the container, whose library must "
        + "be the host's); nvidia-smi shows whether it works. The CPU kernels do not need it.";

    private const string NoDevice =
        "the driver has no device for this process. See what nvidia-smi lists, that CUDA_VISIBLE_DEVICES does not hide it, "
        + "and in a container that it was started with --gpus all.";

    /// <summary>The first architecture that kernels are compiled for.</summary>
    private static readonly Version Oldest = new(7, 0);

    public static IEnumerable<Finding> Run()
    {
        try
        {
            using CudaDriver? driver = CudaDriver.TryLoad();
            return Examine(driver).ToArray();
        }
        catch (EntryPointNotFoundException failure)
        {
            return [new Finding(Health.Missing, Subject, $"{CudaDriver.LibraryName} is no driver of CUDA: {failure.Message}", NoDriver)];
        }
    }

    private static IEnumerable<Finding> Examine(CudaDriver? driver)
    {
        if (driver is null)
        {
            yield return OperatingSystem.IsMacOS()
                ? new Finding(Health.Missing, Subject, "there is none for macOS")
                : new Finding(Health.Missing, Subject, $"{CudaDriver.LibraryName} cannot be loaded", NoDriver);
            yield break;
        }

        if (driver.Failure is string failure)
        {
            yield return new Finding(Health.Missing, Subject, $"{CudaDriver.LibraryName} is there: {failure}", DriverFails);
            yield break;
        }

        yield return new Finding(Health.Good, Subject, $"{CudaDriver.LibraryName}, for CUDA {driver.Version} and older");
        IReadOnlyList<CudaDevice> devices = driver.Devices;
        if (devices.Count == 0)
        {
            yield return new Finding(Health.Missing, "CUDA device", "none", NoDevice);
        }

        for (int i = 0; i < devices.Count; i++)
        {
            CudaDevice device = devices[i];
            string value = $"{device.Name}, sm_{device.Capability.Major}{device.Capability.Minor}, {device.MemoryBytes / (1 << 20)} MiB";
            yield return device.Capability >= Oldest
                ? new Finding(Health.Good, $"CUDA device {i}", value)
                : new Finding(Health.Missing, $"CUDA device {i}", value, $"kernels need sm_{Oldest.Major}{Oldest.Minor} or newer, so this device is not used.");
        }
    }
}
