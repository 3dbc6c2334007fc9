using Requant.Devices.Driver;

namespace Requant.Ptx.Cuda;

/// <content>Primary contexts, and the stack that each thread has of them.</content>
internal sealed unsafe partial class InterpretedDriver
{
    private const int FirstContext = 0x10;

    /// <summary>The context that is current on this thread, or 0. Set it as another user of the driver on this thread
    /// would; any number will do.</summary>
    public nint Current
    {
        get => _contexts.Value!.TryPeek(out nint current) ? current : 0;
        set
        {
            _ = _contexts.Value!.TryPop(out _);
            _contexts.Value.Push(value);
        }
    }

    /// <summary>Contexts on this thread's stack.</summary>
    public int ContextDepth => _contexts.Value!.Count;

    /// <summary>How often a device's primary context was retained and not released.</summary>
    public int Retained(int device) => _retained.GetValueOrDefault(device);

    public CudaResult RetainPrimaryContext(int device, out nint context)
    {
        lock (_gate)
        {
            context = ContextOf(device);
            CudaResult result = Refuse("cuDevicePrimaryCtxRetain", Needs.Driver) ?? Require(device);
            if (result == CudaResult.Success)
            {
                _retained[device] = Retained(device) + 1;
            }

            return result;
        }
    }

    public CudaResult ReleasePrimaryContext(int device)
    {
        lock (_gate)
        {
            CudaResult result = Refuse("cuDevicePrimaryCtxRelease", Needs.Driver) ?? Require(device);
            if (result != CudaResult.Success || Retained(device) == 0)
            {
                return result == CudaResult.Success ? CudaResult.InvalidContext : result;
            }

            _retained[device]--;
            return result;
        }
    }

    public CudaResult GetCurrentContext(out nint context)
    {
        lock (_gate)
        {
            context = Current;
            return Refuse("cuCtxGetCurrent", Needs.Driver) ?? CudaResult.Success;
        }
    }

    public CudaResult PushContext(nint context)
    {
        lock (_gate)
        {
            if (Refuse("cuCtxPushCurrent", Needs.Driver) is CudaResult refused)
            {
                return refused;
            }

            if (!_retained.Any(one => one.Value > 0 && ContextOf(one.Key) == context))
            {
                return CudaResult.InvalidContext;
            }

            _contexts.Value!.Push(context);
            return CudaResult.Success;
        }
    }

    public CudaResult PopContext(out nint context)
    {
        lock (_gate)
        {
            context = 0;
            return Refuse("cuCtxPopCurrent", Needs.Driver)
                ?? (_contexts.Value!.TryPop(out context) ? CudaResult.Success : CudaResult.InvalidContext);
        }
    }

    private static nint ContextOf(int device) => FirstContext + device;
}
