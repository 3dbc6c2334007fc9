using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Requant.Devices.Driver;

namespace Requant.Ptx.Cuda;

/// <summary>A CUDA driver whose devices are the PTX interpreter: what runs on it leaves the bits that a device would
/// leave.</summary>
/// <remarks>Streams run at once, or with <see cref="IsDeferred"/> as late as the driver's contract allows. Memory
/// starts as garbage, what is freed cannot be used, and handles are checked. A fault of a kernel is reported by the
/// launch, or where its stream is waited for, and by every later call, as a device does it; <see cref="Fault"/> has the
/// interpreter's words. Not modelled: dynamic shared memory, captures of more than one stream, and time.</remarks>
internal sealed unsafe partial class InterpretedDriver : ICudaDriver, IDisposable
{
    private const int LowestHandle = 0x1000;

    private readonly Lock _gate = new();
    private readonly Dictionary<nint, Handle> _handles = [];
    private readonly Dictionary<int, int> _retained = [];
    private readonly ThreadLocal<Stack<nint>> _contexts = new(() => new Stack<nint>());
    private readonly List<string> _calls = [];
    private readonly List<(string? Call, int After, CudaResult Result)> _injected = [];
    private CudaResult _sticky;
    private bool _isInitialized;
    private nint _nextHandle = LowestHandle;

    /// <summary>What a call needs to be made.</summary>
    [Flags]
    private enum Needs
    {
        Nothing = 0,

        /// <summary><c>cuInit</c>.</summary>
        Driver = 1,

        /// <summary>A current context, and no fault before.</summary>
        Context = 2 | Driver,

        /// <summary>That no stream is being captured; the capture is spoiled otherwise.</summary>
        NoCapture = 4,
    }

    /// <summary>The devices; without one <c>cuInit</c> fails as a driver's does.</summary>
    public IReadOnlyList<InterpretedDevice> Devices { get; init; } = [new InterpretedDevice()];

    /// <summary>1000 × major + 10 × minor of the newest CUDA that it serves.</summary>
    public int DriverVersion { get; init; } = 12080;

    /// <summary>The newest <c>.version</c> of PTX that loads.</summary>
    public Version NewestPtx { get; init; } = new(8, 7);

    /// <summary>Whether work waits on its stream until a call has to wait for it, so that who changes pinned memory too
    /// early, or reads results without waiting, is found.</summary>
    public bool IsDeferred { get; init; }

    /// <summary>Whether kernels are checked and not run, and calls are not kept.</summary>
    public bool IsNull { get; init; }

    /// <summary>The order in which threads take turns; it has no effect on results.</summary>
    public PtxOrder Order { get; init; } = PtxOrder.Forward;

    /// <summary>Names of the calls made so far, without those for errors' texts, as in <c>cuMemAlloc</c>.</summary>
    public IReadOnlyList<string> Calls => _calls;

    /// <summary>What a kernel did that PTX does not define, or null.</summary>
    public PtxException? Fault { get; private set; }

    /// <summary>Makes a later call fail without effect, once.</summary>
    /// <param name="call">Its name, as in <c>cuMemAlloc</c>; null for any.</param>
    /// <param name="result">What it returns.</param>
    /// <param name="after">Calls of that name that succeed before.</param>
    public void Fail(string? call, CudaResult result, int after = 0)
    {
        lock (_gate)
        {
            _injected.Add((call, after, result));
        }
    }

    public string GetErrorName(CudaResult result) => Enum.IsDefined(result)
        ? "CUDA_ERROR_" + WordStart().Replace(result.ToString(), "_$0").ToUpperInvariant()
        : $"error {(int)result}";

    public string GetErrorText(CudaResult result) => result == _sticky && Fault is not null
        ? Fault.Message
        : WordStart().Replace(result.ToString(), " $0").ToLowerInvariant();

    public CudaResult Initialize()
    {
        lock (_gate)
        {
            if (Refuse("cuInit", Needs.Nothing) is CudaResult refused)
            {
                return refused;
            }

            _isInitialized = Devices.Count > 0;
            return _isInitialized ? CudaResult.Success : CudaResult.NoDevice;
        }
    }

    public CudaResult GetDriverVersion(out int version)
    {
        lock (_gate)
        {
            version = DriverVersion;
            return Refuse("cuDriverGetVersion", Needs.Nothing) ?? CudaResult.Success;
        }
    }

    public CudaResult GetDeviceCount(out int count)
    {
        lock (_gate)
        {
            count = Devices.Count;
            return Refuse("cuDeviceGetCount", Needs.Driver) ?? CudaResult.Success;
        }
    }

    public CudaResult GetDevice(int ordinal, out int device)
    {
        lock (_gate)
        {
            device = ordinal;
            return Refuse("cuDeviceGet", Needs.Driver) ?? Require(device);
        }
    }

    public CudaResult GetDeviceName(int device, out string name)
    {
        lock (_gate)
        {
            CudaResult result = Refuse("cuDeviceGetName", Needs.Driver) ?? Require(device);
            name = result == CudaResult.Success ? Devices[device].Name : "";
            return result;
        }
    }

    public CudaResult GetDeviceAttribute(int device, CudaDeviceAttribute attribute, out int value)
    {
        lock (_gate)
        {
            CudaResult result = Refuse("cuDeviceGetAttribute", Needs.Driver) ?? Require(device);
            value = result != CudaResult.Success ? 0 : attribute switch
            {
                CudaDeviceAttribute.ComputeCapabilityMajor => Devices[device].Capability.Major,
                CudaDeviceAttribute.ComputeCapabilityMinor => Devices[device].Capability.Minor,
                CudaDeviceAttribute.RegistersPerMultiprocessor => Devices[device].RegistersPerMultiprocessor,
                CudaDeviceAttribute.SharedBytesPerMultiprocessor => Devices[device].SharedBytesPerMultiprocessor,
                CudaDeviceAttribute.ThreadsPerMultiprocessor => Devices[device].ThreadsPerMultiprocessor,
                _ => Devices[device].MultiprocessorCount,
            };
            return result;
        }
    }

    public CudaResult GetDeviceMemory(int device, out long bytes)
    {
        lock (_gate)
        {
            CudaResult result = Refuse("cuDeviceTotalMem", Needs.Driver) ?? Require(device);
            bytes = result == CudaResult.Success ? Devices[device].MemoryBytes : 0;
            return result;
        }
    }

    /// <summary>Frees pinned memory that nobody has freed.</summary>
    public void Dispose()
    {
        foreach (nuint pointer in _pinned.Keys)
        {
            NativeMemory.AlignedFree((void*)pointer);
        }

        _pinned.Clear();
        _contexts.Dispose();
    }

    [GeneratedRegex(@"(?<!^)[A-Z]")]
    private static partial Regex WordStart();

    /// <summary>Counts a call, and says why it cannot be made, or null.</summary>
    private CudaResult? Refuse(string call, Needs needs)
    {
        if (!IsNull)
        {
            _calls.Add(call);
        }

        if (TakeInjected(call) is CudaResult injected)
        {
            return injected;
        }

        if (needs.HasFlag(Needs.Driver) && !_isInitialized)
        {
            return CudaResult.NotInitialized;
        }

        if (needs.HasFlag(Needs.Context))
        {
            if (_sticky != CudaResult.Success)
            {
                return _sticky;
            }

            if (Current == 0)
            {
                return CudaResult.InvalidContext;
            }
        }

        return needs.HasFlag(Needs.NoCapture) && SpoilCaptures() ? CudaResult.StreamCaptureUnsupported : null;
    }

    private CudaResult? TakeInjected(string call)
    {
        CudaResult? result = null;
        for (int i = _injected.Count - 1; i >= 0; i--)
        {
            (string? name, int after, CudaResult injected) = _injected[i];
            if (name is not null && name != call)
            {
                continue;
            }

            if (after == 0)
            {
                result = injected;
                _injected.RemoveAt(i);
            }
            else
            {
                _injected[i] = (name, after - 1, injected);
            }
        }

        return result;
    }

    private CudaResult Require(int device) =>
        device >= 0 && device < Devices.Count ? CudaResult.Success : CudaResult.InvalidDevice;

    private nint Add(Handle handle)
    {
        _nextHandle += 16;
        _handles.Add(_nextHandle, handle);
        return _nextHandle;
    }

    /// <summary>What a handle stands for, or null if it is none of the current context.</summary>
    private T? Find<T>(nint handle)
        where T : Handle => _handles.GetValueOrDefault(handle) is T found && found.Context == Current ? found : null;

    private CudaResult Remove<T>(nint handle)
        where T : Handle =>
        Find<T>(handle) is not null && _handles.Remove(handle) ? CudaResult.Success : CudaResult.InvalidHandle;
}
