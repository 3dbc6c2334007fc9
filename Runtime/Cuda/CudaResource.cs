namespace Requant.Cuda;

/// <summary>What a context has given and takes back. There is no finalizer: kernels that have not run yet may use it.</summary>
/// <param name="context">The context.</param>
internal abstract class CudaResource(CudaContext context) : IDisposable
{
    private bool _isReleased;

    /// <summary>The context that it is of.</summary>
    public CudaContext Context { get; } = context;

    /// <summary>Gives it back. After a fault of the device nothing can be, and the process's end does it.</summary>
    /// <exception cref="CudaException">A stream is being captured, which this spoils; nothing was released, and it can be disposed
    /// later.</exception>
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
    }

    /// <summary>Makes the call that gives it back, and names it.</summary>
    protected abstract (CudaResult Result, string Call) Release(ICudaDriver driver);
}
