using Requant.Devices.Driver;

namespace Requant.Cli.Doctor;

/// <summary>The CUDA driver and its devices.</summary>
internal static class CudaCheck
{
    private const string Subject = "CUDA driver";

    public static IEnumerable<Finding> Run()
    {
        if (CudaDriver.TryLoad(out ICudaDriver? driver, out string? reason))
        {
            return Examine(driver);
        }

        return [OperatingSystem.IsMacOS()
            ? new Finding(Health.Missing, Subject, reason)
            : new Finding(Health.Missing, Subject, reason, CudaRemedy.NoDriver)];
    }

    /// <summary>Asks a driver that is there.</summary>
    internal static IEnumerable<Finding> Examine(ICudaDriver driver)
    {
        CudaSystem system;
        try
        {
            system = CudaSystem.Read(driver);
        }
        catch (CudaException failure)
        {
            return [new Finding(
                Health.Missing, Subject, $"{failure.Call} fails with {failure.ErrorName}", CudaRemedy.DriverFails)];
        }

        return [Describe(system), .. DescribeDevices(system), .. TryKernels(driver, system)];
    }

    private static IEnumerable<Finding> TryKernels(ICudaDriver driver, CudaSystem system) => system.IsSupported
        ? system.Devices.Where(device => device.IsSupported)
            .Select(device => CudaKernelCheck.Run(driver, device.Ordinal))
        : [];

    private static Finding Describe(CudaSystem system) => system.IsSupported
        ? new Finding(Health.Good, Subject, $"for CUDA {system.Cuda} and older")
        : new Finding(
            Health.Missing, Subject, $"for CUDA {system.Cuda}, and kernels need {CudaRemedy.OldestCuda}",
            CudaRemedy.UpdateDriver);

    private static IEnumerable<Finding> DescribeDevices(CudaSystem system)
    {
        if (system.Devices.Count == 0)
        {
            yield return new Finding(Health.Missing, "CUDA device", "none", CudaRemedy.NoDevice);
        }

        foreach (CudaDevice device in system.Devices)
        {
            string subject = $"CUDA device {device.Ordinal}";
            string value = $"{device.Name}, compute capability {device.Capability}, {device.MultiprocessorCount} "
                + $"multiprocessors, {device.MemoryBytes / (1 << 20)} MiB";
            yield return device.IsSupported
                ? new Finding(Health.Good, subject, $"{value}; kernels are compiled for {device.Architecture}")
                : new Finding(Health.Missing, subject, value, CudaRemedy.OldDevice);
        }
    }
}
