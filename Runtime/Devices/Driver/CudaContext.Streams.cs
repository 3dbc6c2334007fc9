namespace Requant.Devices.Driver;

/// <content>Streams, events and graphs.</content>
internal sealed unsafe partial class CudaContext
{
    /// <summary>A stream that does not wait for the legacy default stream.</summary>
    public CudaStream CreateStream()
    {
        using Scope scope = Enter();
        Require(Driver.CreateStream(out nint stream), "cuStreamCreate");
        return new CudaStream(this, stream);
    }

    /// <summary>Waits until all work of a stream is done.</summary>
    public void Synchronize(nint stream)
    {
        using Scope scope = Enter();
        Require(Driver.SynchronizeStream(stream), "cuStreamSynchronize");
    }

    /// <summary>An event that no stream has recorded.</summary>
    public CudaEvent CreateEvent()
    {
        using Scope scope = Enter();
        Require(Driver.CreateEvent(out nint handle), "cuEventCreate");
        return new CudaEvent(this, handle);
    }

    /// <summary>Whether the work of a stream is being recorded instead of done.</summary>
    public CudaCaptureStatus CaptureStatus(nint stream)
    {
        using Scope scope = Enter();
        Require(Driver.GetCaptureStatus(stream, out CudaCaptureStatus status), "cuStreamIsCapturing");
        return status;
    }

    /// <summary>Records work of a stream instead of doing it.</summary>
    /// <param name="stream">Not the legacy default stream.</param>
    /// <param name="mode">Whose calls spoil the capture.</param>
    public void BeginCapture(nint stream, CudaCaptureMode mode = CudaCaptureMode.ThreadLocal)
    {
        using Scope scope = Enter();
        Require(Driver.BeginCapture(stream, mode), "cuStreamBeginCapture");
    }

    /// <summary>Ends the capture.</summary>
    /// <returns>What was recorded, ready to be launched.</returns>
    public CudaGraph EndCapture(nint stream)
    {
        using Scope scope = Enter();
        Require(Driver.EndCapture(stream, out nint graph), "cuStreamEndCapture");
        CudaResult result = Driver.InstantiateGraph(graph, out nint executable);
        CudaResult destroyed = Driver.DestroyGraph(graph);
        Require(result, "cuGraphInstantiate");
        Require(destroyed, "cuGraphDestroy");
        return new CudaGraph(this, executable);
    }
}
