using Requant.Cli.Doctor;
using Requant.Devices.Driver;
using Requant.Ptx.Cuda;
using Xunit;

namespace Requant.Cli.Tests;

public class CudaCheckTests
{
    [Fact]
    public void Doctor_NoDriver_SaysWhyAndHowToGetOne()
    {
        Assert.SkipWhen(CudaDriver.TryLoad(out _, out string? reason), "This machine has a driver.");

        Finding finding = Assert.Single(CudaCheck.Run());

        Assert.Equal((Health.Missing, "CUDA driver", reason), (finding.Health, finding.Subject, finding.Value));
        Assert.Contains($"CUDA driver   {reason}", Invocation.Run("doctor").Output, StringComparison.Ordinal);
        if (!OperatingSystem.IsMacOS())
        {
            Assert.Contains("install its driver", finding.Remedy, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Doctor_Devices_AreDescribed()
    {
        using var driver = new InterpretedDriver
        {
            Devices =
            [
                new InterpretedDevice { Name = "New" },
                new InterpretedDevice { Name = "Old", Capability = new Version(6, 1) },
            ],
        };

        Finding[] findings = [.. CudaCheck.Examine(driver)];

        Assert.Equal(
            [
                new Finding(Health.Good, "CUDA driver", "for CUDA 12.8 and older"),
                new Finding(
                    Health.Good, "CUDA device 0",
                    "New, compute capability 9.0, 2 multiprocessors, 1024 MiB; kernels are compiled for sm_90"),
                new Finding(
                    Health.Missing, "CUDA device 1", "Old, compute capability 6.1, 2 multiprocessors, 1024 MiB",
                    CudaRemedy.OldDevice),
                new Finding(Health.Good, "CUDA kernels 0", "8-bit Adam gives the bits of the processor"),
            ],
            findings);
    }

    [Fact]
    public void Doctor_DeviceThatRefusesKernels_SaysWhyAndThatTheProcessorServes()
    {
        using var driver = new InterpretedDriver { NewestPtx = new Version(7, 0) };

        Finding finding = CudaCheck.Examine(driver).Last();

        Assert.Equal((Health.Missing, "CUDA kernels 0"), (finding.Health, finding.Subject));
        Assert.Contains("Unsupported .version", finding.Value, StringComparison.Ordinal);
        Assert.Contains("Device.Cpu", finding.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Doctor_NoDevice_SaysWhereToLook()
    {
        using var driver = new InterpretedDriver { Devices = [] };

        Assert.Equal(
            new Finding(Health.Missing, "CUDA device", "none", CudaRemedy.NoDevice), CudaCheck.Examine(driver).Last());
    }

    [Fact]
    public void Doctor_OldDriver_SaysToUpdateIt()
    {
        using var driver = new InterpretedDriver { DriverVersion = 11040 };

        Assert.Equal(
            new Finding(Health.Missing, "CUDA driver", "for CUDA 11.4, and kernels need 11.8", CudaRemedy.UpdateDriver),
            CudaCheck.Examine(driver).First());
    }

    [Fact]
    public void Doctor_DriverThatDoesNotStart_NamesTheError()
    {
        using var driver = new InterpretedDriver();
        driver.Fail("cuInit", CudaResult.SystemDriverMismatch);

        Finding finding = Assert.Single(CudaCheck.Examine(driver));

        Assert.Equal("cuInit fails with CUDA_ERROR_SYSTEM_DRIVER_MISMATCH", finding.Value);
        Assert.Equal(CudaRemedy.DriverFails, finding.Remedy);
    }
}
