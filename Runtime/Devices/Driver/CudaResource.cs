namespace Requant.Devices.Driver;

/// <summary>What a context has given and takes back: when it is disposed, or else at the context's next allocation
/// after the collector has found that nothing refers to it.</summary>
/// <remarks>The finalizer makes no call of the driver itself. It runs at any time and on its own thread, and would
/// spoil a capture that is under way. Kernels that have not run yet may use what is given back: the driver waits for
/// them before it frees memory.</remarks>
/// <param name="context">The context.</param>
internal abstract class CudaResource(CudaContext context) : IDisposable
{
    private bool _isReleased;

    /// <summary>Leaves it to the context.</summary>
    ~CudaResource()
    {
        if (!_isReleased)
        {
            Context.Abandon(this);
        }
    }

    /// <summary>The context that it is of.</summary>
    public CudaContext Context { get; } = context;

    /// <summary>Gives it back. After a fault of the device nothing can be, and the process's end does it.</summary>
    /// <exception cref="CudaException">A stream is being captured, which this spoils; nothing was released, and it can
    /// be disposed later.</exception>
    public void Dispose()
    {
        if (_isReleased)
        {
            return;
        }

        using CudaContext.Scope scope = Context.Enter();
        (CudaResult result, string call) = Release(Context.Driver);
        if (result is CudaResult.StreamCaptureUnsupported)
        {
            throw CudaErrors.Create(Context.Driver, call, result);
        }

        _isReleased = true;
        GC.SuppressFinalize(this);
    }

    /// <summary>Makes the call that gives it back, and names it.</summary>
    protected abstract (CudaResult Result, string Call) Release(ICudaDriver driver);
}
