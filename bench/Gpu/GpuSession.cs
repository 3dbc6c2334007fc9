using System.Diagnostics;
using Requant.Devices.Driver;

namespace Requant.Bench.Gpu;

/// <summary>A device, where findings go, and how long there is.</summary>
internal sealed class GpuSession : IDisposable
{
    private readonly TextWriter _output;
    private readonly string? _json;
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly CudaStream _stream;

    /// <param name="device">One of CUDA.</param>
    /// <param name="output">Gets every finding as soon as it is made.</param>
    /// <param name="json">The file of the report, or null.</param>
    public GpuSession(Device device, TextWriter output, string? json = null)
    {
        Device = device;
        Context = device.Context!;
        _output = output;
        _json = json;
        _stream = Context.CreateStream();
        CudaDevice cuda = Context.Device;
        Report.Device = new DeviceRow(
            cuda.Ordinal, cuda.Name, $"{cuda.Capability}", cuda.MultiprocessorCount, cuda.MemoryBytes,
            $"{Context.Cuda}", cuda.Architecture);
    }

    /// <summary>The device, for optimizers.</summary>
    public Device Device { get; }

    /// <summary>Its context.</summary>
    public CudaContext Context { get; }

    /// <summary>The stream that all steps and copies of measurements are on.</summary>
    public nint Stream => _stream.Handle;

    /// <summary>What is known so far.</summary>
    public GpuReport Report { get; } = new();

    /// <summary>After this time nothing new is begun; null for no limit.</summary>
    public TimeSpan? Limit { get; init; }

    /// <summary>Milliseconds between two events. An interpreted device, on which no time passes, has another.</summary>
    public Func<CudaEvent, CudaEvent, double> Elapsed { get; init; } = (first, last) => first.MillisecondsUntil(last);

    /// <summary>Time since the session began.</summary>
    public TimeSpan Age => Stopwatch.GetElapsedTime(_start);

    /// <summary>Writes a line, and the report as it now is.</summary>
    public void Say(string line)
    {
        _output.WriteLine(line);
        _output.Flush();
        Save();
    }

    /// <summary>Does something unless the time is over, and then says so.</summary>
    /// <param name="what">Its name, for what is left out.</param>
    /// <param name="action">Reports its own failures, but those after which the device is of no use.</param>
    public void Do(string what, Action action)
    {
        if (Limit is TimeSpan limit && Age > limit)
        {
            Report.LeftOut.Add($"{what}: after {limit.TotalSeconds:F0} s");
            return;
        }

        action();
    }

    /// <summary>Writes the report, if there is a file for it.</summary>
    public void Save()
    {
        if (_json is not null)
        {
            Report.Write(_json);
        }
    }

    /// <summary>Throws again what leaves the device unusable for this process.</summary>
    public static void ThrowIfFatal(CudaException failure)
    {
        if ((CudaResult)failure.Code is CudaResult.IllegalAddress or CudaResult.MisalignedAddress
            or CudaResult.LaunchFailed
            or CudaResult.Deinitialized)
        {
            throw new DeviceLostException(failure);
        }
    }

    /// <summary>Gives the stream back.</summary>
    public void Dispose() => _stream.Dispose();
}

/// <summary>A kernel has failed in a way after which no call of the driver succeeds.</summary>
/// <param name="failure">What the first call to notice it says.</param>
internal sealed class DeviceLostException(CudaException failure) : Exception(failure.Message, failure);
