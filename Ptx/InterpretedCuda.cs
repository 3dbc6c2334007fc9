using Requant.Devices;
using Requant.Ptx.Cuda;

namespace Requant.Ptx;

/// <summary>A CUDA device that interprets PTX, for who has tensors in host memory that are to stand for a device's: its
/// launches are those of a device, and their results its bits.</summary>
public sealed class InterpretedCuda : IDisposable
{
    /// <summary>Far from where a process has memory of its own, and from the windows of generic addresses.</summary>
    private const ulong FirstAddress = 0x1000_0000_0000;

    private readonly InterpretedDriver _driver;

    /// <summary>The device.</summary>
    /// <param name="isNull">Whether it does nothing, for measurements of what it is asked.</param>
    public InterpretedCuda(bool isNull = false)
    {
        _driver = new InterpretedDriver { Memory = new GlobalMemory(FirstAddress), IsNull = isNull };
        Device = Requant.Device.Cuda(_driver, 0, new PtxCache(null));
    }

    /// <summary>Where an optimizer runs on it.</summary>
    public Device Device { get; }

    /// <summary>Launches so far.</summary>
    public int LaunchCount => _driver.Launches.Count;

    /// <summary>Names of the driver's calls so far, as in <c>cuMemcpyDtoH</c>.</summary>
    public IReadOnlyList<string> Calls => _driver.Calls;

    /// <summary>Makes host memory visible to kernels, at its own address; what overlaps it no longer is.</summary>
    /// <param name="address">Of the first byte.</param>
    /// <param name="bytes">Any number.</param>
    public void Map(nint address, long bytes)
    {
        if (bytes > 0)
        {
            _driver.Memory.AddNative("tensor", address, checked((int)bytes));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _driver.Dispose();
}
