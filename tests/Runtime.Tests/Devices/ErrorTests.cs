using Requant.Devices.Driver;
using Requant.Ptx.Cuda;

namespace Requant.Runtime.Tests.Devices;

public class ErrorTests
{
    private static readonly InterpretedDevice Old = new() { Name = "Old device", Capability = new Version(6, 1) };

    [Theory]
    [InlineData("libthereisnone.so.7", "libthereisnone.so.7 cannot be loaded, so there is no NVIDIA driver")]
    [InlineData("libc.so.6", "libc.so.6 has no function cuGetErrorName, so it is no driver for CUDA 11.8 or newer")]
    public void TryLoad_NoDriver_SaysWhyAndThrowsNothing(string library, string expected)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The libraries are those of Linux.");

        Assert.False(CudaDriver.TryLoad(library, out ICudaDriver? driver, out string? reason));
        Assert.Null(driver);
        Assert.Equal(expected, reason);
        string message = CudaErrors.NoDriver(reason).Message;
        Assert.StartsWith(
            $"CUDA cannot be used: {expected}. With an NVIDIA GPU, install its driver", message,
            StringComparison.Ordinal);
        Assert.Contains("Device.Cpu", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Device_OfThisMachine_IsThereOrSaysWhyNot()
    {
        try
        {
            Assert.True(Device.Cuda().IsCuda);
        }
        catch (CudaException failure)
        {
            Assert.Contains("Device.Cpu", failure.Message, StringComparison.Ordinal);
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => Device.Cuda(-1));
        Assert.True(Device.Cpu.IsCpu);
        Assert.False(Device.Cpu.IsCuda);
    }

    [Fact]
    public void Device_OfAnyDriver_IsNamedAsInTorch()
    {
        using var driver = new InterpretedDriver();

        Device device = Device.Cuda(driver, 0);

        Assert.Equal(("cuda:0", true, false), (device.ToString(), device.IsCuda, device.IsCpu));
        Assert.Null(device.Accelerator);
    }

    [Fact]
    public void Device_NoDevice_SaysWhereToLook()
    {
        using var driver = new InterpretedDriver { Devices = [] };

        CudaException failure = Assert.Throws<CudaException>(() => Device.Cuda(driver, 0));

        Assert.StartsWith(
            "The CUDA driver has no device for this process. See what nvidia-smi lists", failure.Message,
            StringComparison.Ordinal);
        Assert.Equal(("", 0, ""), (failure.Call, failure.Code, failure.ErrorName));
    }

    [Fact]
    public void Device_NumberTooHigh_ListsThoseThatAreThere()
    {
        using var driver = new InterpretedDriver
        {
            Devices = [new InterpretedDevice { Name = "First" }, new InterpretedDevice { Name = "Second" }],
        };

        CudaException failure = Assert.Throws<CudaException>(() => Device.Cuda(driver, 2));

        Assert.StartsWith(
            "There is no CUDA device 2; this process has 2: 0 (First), 1 (Second).", failure.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Device_TooOld_SaysWhatIsNeeded()
    {
        using var driver = new InterpretedDriver { Devices = [new InterpretedDevice(), Old] };

        CudaException failure = Assert.Throws<CudaException>(() => Device.Cuda(driver, 1));

        Assert.Equal(
            "CUDA device 1 (Old device) has compute capability 6.1. Kernels need compute capability 7.0 or newer, so "
            + "this device cannot be used; Device.Cpu does not need it.", failure.Message);
        Assert.Equal(0, driver.Retained(1));
        Assert.True(Device.Cuda(driver, 0).IsCuda);
    }

    [Fact]
    public void Driver_TooOld_SaysWhatIsNeeded()
    {
        using var driver = new InterpretedDriver { DriverVersion = 11040 };

        CudaException failure = Assert.Throws<CudaException>(() => Device.Cuda(driver, 0));

        Assert.StartsWith(
            "The driver serves CUDA 11.4, and kernels need 11.8 or newer. Update the NVIDIA driver", failure.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Driver_ThatDoesNotStart_NamesTheCallAndTheFix()
    {
        using var driver = new InterpretedDriver();
        driver.Fail("cuInit", CudaResult.SystemDriverMismatch);

        CudaException failure = Assert.Throws<CudaException>(() => Device.Cuda(driver, 0));

        Assert.StartsWith(
            "cuInit failed with CUDA_ERROR_SYSTEM_DRIVER_MISMATCH (system driver mismatch). The driver does not start.",
            failure.Message, StringComparison.Ordinal);
        Assert.Equal(
            ("cuInit", 803, "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH"), (failure.Call, failure.Code, failure.ErrorName));
        Assert.True(Device.Cuda(driver, 0).IsCuda);
    }

    [Fact]
    public void Result_WithoutAName_IsGivenAsNumber()
    {
        using var driver = new InterpretedDriver();
        driver.Fail("cuDevicePrimaryCtxRetain", (CudaResult)12345);

        CudaException failure = Assert.Throws<CudaException>(() => Device.Cuda(driver, 0));

        Assert.Contains("error 12345", failure.Message, StringComparison.Ordinal);
        Assert.Equal(12345, failure.Code);
    }

    [Fact]
    public void Allocate_TooMuch_SaysWhatWasAskedForAndWhatIsFree()
    {
        using var driver = new InterpretedDriver { Devices = [new InterpretedDevice { MemoryBytes = 1000 }] };
        CudaContext context = CudaContext.Get(driver, 0);
        using CudaBuffer first = context.Allocate(400);

        CudaException failure = Assert.Throws<CudaException>(() => context.Allocate(700));

        Assert.Contains(
            "700 bytes were asked for, and 600 of the 1000 of device 0 (Interpreted device) are free. Free memory",
            failure.Message, StringComparison.Ordinal);
        Assert.Equal(2, failure.Code);
        context.Allocate(600).Dispose();
    }

    [Fact]
    public void Ptx_ThatDoesNotAssemble_ComesWithTheLog()
    {
        using var driver = new InterpretedDriver();
        CudaContext context = CudaContext.Get(driver, 0);
        string wrong = VectorAdd.Ptx.Replace("add.rn.f32", "odd.rn.f32", StringComparison.Ordinal);

        CudaException failure = Assert.Throws<CudaException>(() => context.LoadFunction(wrong, VectorAdd.Name));

        Assert.Equal(("cuModuleLoadDataEx", "CUDA_ERROR_INVALID_PTX"), (failure.Call, failure.ErrorName));
        Assert.Contains(
            "It was to load add for Interpreted device with a driver for CUDA 12.8.", failure.Message,
            StringComparison.Ordinal);
        Assert.Contains("The log: PTX line 23, 'odd.rn.f32 %f2, %f0, %f1'", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Ptx_NewerThanTheDriver_SaysToUpdateIt()
    {
        using var driver = new InterpretedDriver { NewestPtx = new Version(7, 4) };

        CudaException failure = Assert.Throws<CudaException>(
            () => CudaContext.Get(driver, 0).LoadFunction(VectorAdd.Ptx, VectorAdd.Name));

        Assert.Equal("CUDA_ERROR_UNSUPPORTED_PTX_VERSION", failure.ErrorName);
        Assert.Contains(
            "Unsupported .version 7.8; current version is '7.4'. Update the NVIDIA driver", failure.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Ptx_ForANewerDevice_DoesNotLoad()
    {
        using var driver = new InterpretedDriver
        {
            Devices = [new InterpretedDevice { Capability = new Version(7, 0) }],
        };
        string newer = VectorAdd.Ptx.Replace("sm_70", "sm_90", StringComparison.Ordinal);

        CudaException failure = Assert.Throws<CudaException>(
            () => CudaContext.Get(driver, 0).LoadFunction(newer, VectorAdd.Name));

        Assert.Equal("CUDA_ERROR_NO_BINARY_FOR_GPU", failure.ErrorName);
    }

    [Fact]
    public void Function_ThatIsNotThere_IsNamed()
    {
        using var driver = new InterpretedDriver();

        CudaException failure = Assert.Throws<CudaException>(
            () => CudaContext.Get(driver, 0).LoadFunction(VectorAdd.Ptx, "subtract"));

        Assert.Contains("The function is subtract.", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Launch_ThatFails_SaysWhatWasToBeLaunched()
    {
        using var driver = new InterpretedDriver();
        CudaContext context = CudaContext.Get(driver, 0);
        driver.Fail("cuLaunchKernel", CudaResult.LaunchOutOfResources);

        CudaException failure = Assert.Throws<CudaException>(() => VectorAdd.Launch(context, 0, 0, 40));

        Assert.Contains("It was to launch add in 2 groups of 32 threads", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("7.0", "sm_70")]
    [InlineData("7.5", "sm_75")]
    [InlineData("8.7", "sm_86")]
    [InlineData("8.9", "sm_89")]
    [InlineData("9.0", "sm_90")]
    [InlineData("10.0", "sm_89")]
    [InlineData("12.1", "sm_89")]
    public void Architecture_OfADevice_IsTheNewestThatItRuns(string capability, string expected)
    {
        using var driver = new InterpretedDriver
        {
            Devices = [new InterpretedDevice { Capability = Version.Parse(capability) }],
        };

        Assert.Equal(expected, CudaContext.Get(driver, 0).Device.Architecture);
    }

    [Fact]
    public void FailNth_AnyCall_FailsOnce()
    {
        using var driver = new InterpretedDriver();
        CudaContext context = CudaContext.Get(driver, 0);
        int made = driver.Calls.Count;
        driver.Fail(null, CudaResult.InvalidValue, after: 2);

        CudaException failure = Assert.Throws<CudaException>(() => context.Allocate(1));

        Assert.Equal(["cuCtxGetCurrent", "cuCtxPushCurrent", "cuMemAlloc"], driver.Calls.Skip(made).Take(3));
        Assert.Equal("cuMemAlloc", failure.Call);
        context.Allocate(1).Dispose();
    }
}
