using Requant.Bench.Gpu;
using Requant.Bench.Gpu.Rules;
using Requant.CompilerServices;
using Requant.Devices;
using Requant.Ptx.Cuda;

namespace Requant.Bench.Tests.Gpu;

/// <summary>A session on the PTX interpreter, on which a step takes as long as a test says.</summary>
internal sealed class InterpretedSession : IDisposable
{
    private readonly InterpretedDriver _driver;
    private readonly StringWriter _output = new();

    /// <param name="milliseconds">What any two events are apart.</param>
    /// <param name="memoryBytes">The device's memory.</param>
    /// <param name="isDeferred">Whether work waits until a call has to wait for it.</param>
    /// <param name="limit">Time after which nothing is begun.</param>
    /// <param name="json">The report's file.</param>
    public InterpretedSession(
        double milliseconds = 2, long memoryBytes = 1L << 30, bool isDeferred = false, TimeSpan? limit = null,
        string? json = null)
    {
        _driver = new InterpretedDriver
        {
            Devices = [new InterpretedDevice { MemoryBytes = memoryBytes }],
            IsDeferred = isDeferred,
        };
        Session = new GpuSession(Device.Cuda(_driver, 0, new PtxCache(folder: null)), _output, json)
        {
            Elapsed = (_, _) => milliseconds,
            Limit = limit,
        };
    }

    public GpuSession Session { get; }

    public InterpretedDriver Driver => _driver;

    public string[] Lines => _output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public static RuleCase Case(string rule, ElementPair? types = null, StateFormat? format = null) =>
        new(GpuRule.Shipped.Single(one => one.Name == rule), types ?? ElementPair.Float32, format ?? RuleCase.Dynamic);

    public void Dispose()
    {
        // A device that has failed takes nothing back.
        if (_driver.Fault is null)
        {
            Session.Dispose();
        }

        _driver.Dispose();
        _output.Dispose();
    }
}
