using System.Runtime.CompilerServices;

namespace Requant.Devices.Driver;

/// <summary>A device's primary context, which libtorch's tensors are in too; one object for each driver and device,
/// shared by all that use the device, until the process ends. Safe for all threads.</summary>
/// <remarks>Members make the context current on the calling thread and then restore what was. Who calls several of them
/// does so in an <see cref="Enter"/>, which makes it current once.</remarks>
internal sealed unsafe partial class CudaContext
{
    private static readonly ConditionalWeakTable<ICudaDriver, Dictionary<int, CudaContext>> Shared = [];

    private readonly nint _handle;

    private CudaContext(ICudaDriver driver, CudaSystem system, CudaDevice device)
    {
        Driver = driver;
        Cuda = system.Cuda;
        Device = device;
        Require(driver.RetainPrimaryContext(device.Handle, out _handle), "cuDevicePrimaryCtxRetain", OnDevice);
    }

    /// <summary>The driver that it is of; for calls without a member here, within <see cref="Enter"/>.</summary>
    public ICudaDriver Driver { get; }

    /// <summary>The newest CUDA that the driver serves.</summary>
    public Version Cuda { get; }

    /// <summary>The device.</summary>
    public CudaDevice Device { get; }

    private string OnDevice => $"The device is {Device.Ordinal} ({Device.Name}).";

    /// <summary>The context of a device.</summary>
    /// <param name="driver">Need not have been started.</param>
    /// <param name="ordinal">The device's number, from 0.</param>
    /// <exception cref="CudaException">There is no such device, or it or the driver is too old.</exception>
    public static CudaContext Get(ICudaDriver driver, int ordinal)
    {
        Dictionary<int, CudaContext> contexts = Shared.GetValue(driver, _ => []);
        lock (contexts)
        {
            if (!contexts.TryGetValue(ordinal, out CudaContext? context))
            {
                CudaSystem system = CudaSystem.Read(driver);
                context = new CudaContext(driver, system, system.Require(ordinal));
                contexts.Add(ordinal, context);
            }

            return context;
        }
    }

    /// <summary>Makes the context current on this thread until the scope is disposed, on the same thread.</summary>
    /// <exception cref="CudaException">A call fails.</exception>
    public Scope Enter()
    {
        Require(Driver.GetCurrentContext(out nint current), "cuCtxGetCurrent");
        if (current == _handle)
        {
            return default;
        }

        Require(Driver.PushContext(_handle), "cuCtxPushCurrent");
        return new Scope(Driver);
    }

    /// <summary>Throws unless a call succeeded.</summary>
    /// <param name="result">What it returned.</param>
    /// <param name="call">As in <c>cuMemAlloc</c>.</param>
    /// <param name="detail">What more is known, as a sentence.</param>
    /// <exception cref="CudaException">It did not.</exception>
    public void Require(CudaResult result, string call, string? detail = null) =>
        CudaErrors.Require(Driver, result, call, detail);

    /// <inheritdoc/>
    public override string ToString() => $"cuda:{Device.Ordinal}";

    /// <summary>Restores what was current before. Nothing is to be restored where the context itself was.</summary>
    public readonly ref struct Scope(ICudaDriver? driver)
    {
        /// <summary>Restores it.</summary>
        public void Dispose() =>

            // It fails only after errors that other calls have reported, and pops nevertheless.
            _ = driver?.PopContext(out _);
    }
}
