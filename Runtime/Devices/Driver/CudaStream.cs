namespace Requant.Devices.Driver;

/// <summary>A stream.</summary>
internal sealed class CudaStream(CudaContext context, nint handle) : CudaResource(context)
{
    /// <summary>The driver's handle.</summary>
    public nint Handle { get; } = handle;

    /// <inheritdoc/>
    protected override (CudaResult Result, string Call) Release(ICudaDriver driver) =>
        (driver.DestroyStream(Handle), "cuStreamDestroy");
}

/// <summary>A place in the work of a stream.</summary>
internal sealed class CudaEvent(CudaContext context, nint handle) : CudaResource(context)
{
    /// <summary>The driver's handle.</summary>
    public nint Handle { get; } = handle;

    /// <summary>Whether the stream is past the place that was recorded last; true where none was.</summary>
    public bool IsReached
    {
        get
        {
            using CudaContext.Scope scope = Context.Enter();
            CudaResult result = Context.Driver.QueryEvent(Handle);
            if (result != CudaResult.NotReady)
            {
                Context.Require(result, "cuEventQuery");
            }

            return result == CudaResult.Success;
        }
    }

    /// <summary>Records the place that a stream's work has come to.</summary>
    public void Record(nint stream)
    {
        using CudaContext.Scope scope = Context.Enter();
        Context.Require(Context.Driver.RecordEvent(Handle, stream), "cuEventRecord");
    }

    /// <summary>Makes a stream wait until the place is reached; the host does not.</summary>
    public void MakeWait(nint stream)
    {
        using CudaContext.Scope scope = Context.Enter();
        Context.Require(Context.Driver.WaitEvent(stream, Handle), "cuStreamWaitEvent");
    }

    /// <summary>Waits until the place is reached.</summary>
    public void Synchronize()
    {
        using CudaContext.Scope scope = Context.Enter();
        Context.Require(Context.Driver.SynchronizeEvent(Handle), "cuEventSynchronize");
    }

    /// <summary>Milliseconds from this event to a later one, both reached.</summary>
    public float MillisecondsUntil(CudaEvent end)
    {
        using CudaContext.Scope scope = Context.Enter();
        Context.Require(
            Context.Driver.GetElapsedTime(Handle, end.Handle, out float milliseconds), "cuEventElapsedTime");
        return milliseconds;
    }

    /// <inheritdoc/>
    protected override (CudaResult Result, string Call) Release(ICudaDriver driver) =>
        (driver.DestroyEvent(Handle), "cuEventDestroy");
}

/// <summary>Recorded work that can be done again and again.</summary>
internal sealed class CudaGraph(CudaContext context, nint handle) : CudaResource(context)
{
    /// <summary>Does the work in the order of a stream.</summary>
    public void Launch(nint stream)
    {
        using CudaContext.Scope scope = Context.Enter();
        Context.Require(Context.Driver.LaunchGraph(handle, stream), "cuGraphLaunch");
    }

    /// <inheritdoc/>
    protected override (CudaResult Result, string Call) Release(ICudaDriver driver) =>
        (driver.DestroyGraphExecutable(handle), "cuGraphExecDestroy");
}
