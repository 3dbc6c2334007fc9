using Requant.Devices.Driver;

namespace Requant.Ptx.Cuda;

/// <content>Streams, events, captures and graphs.</content>
internal sealed unsafe partial class InterpretedDriver
{
    /// <summary>CU_STREAM_LEGACY, the same as 0.</summary>
    private const nint LegacyStream = 1;

    /// <summary>CU_STREAM_PER_THREAD.</summary>
    private const nint PerThreadStream = 2;

    private readonly Dictionary<(nint Context, nint Stream, int Thread), StreamHandle> _defaultStreams = [];

    public CudaResult CreateStream(out nint stream)
    {
        lock (_gate)
        {
            CudaResult result = Refuse("cuStreamCreate", Needs.Context) ?? CudaResult.Success;
            stream = result == CudaResult.Success ? Add(new StreamHandle(Current)) : 0;
            return result;
        }
    }

    public CudaResult DestroyStream(nint stream)
    {
        lock (_gate)
        {
            if (Refuse("cuStreamDestroy", Needs.Context) is CudaResult refused)
            {
                return refused;
            }

            CudaResult drained = Find<StreamHandle>(stream) is StreamHandle found
                ? Drain(found)
                : CudaResult.InvalidHandle;
            return drained == CudaResult.Success ? Remove<StreamHandle>(stream) : drained;
        }
    }

    public CudaResult SynchronizeStream(nint stream)
    {
        lock (_gate)
        {
            return Refuse("cuStreamSynchronize", Needs.Context)
                ?? (FindStream(stream) is not StreamHandle found ? CudaResult.InvalidHandle
                    : Spoil(found) ? CudaResult.StreamCaptureUnsupported : Drain(found));
        }
    }

    public CudaResult WaitEvent(nint stream, nint cudaEvent)
    {
        lock (_gate)
        {
            if (Refuse("cuStreamWaitEvent", Needs.Context) is CudaResult refused)
            {
                return refused;
            }

            if (FindStream(stream) is not StreamHandle queue || Find<EventHandle>(cudaEvent) is not EventHandle found)
            {
                return CudaResult.InvalidHandle;
            }

            EventPlace place = found.Place;
            if (place.IsCaptured != queue.Capture is not null)
            {
                _ = Spoil(queue);
                return CudaResult.StreamCaptureUnsupported;
            }

            return Enqueue(queue, () => Reach(place));
        }
    }

    public CudaResult CreateEvent(out nint cudaEvent)
    {
        lock (_gate)
        {
            CudaResult result = Refuse("cuEventCreate", Needs.Context) ?? CudaResult.Success;
            cudaEvent = result == CudaResult.Success ? Add(new EventHandle(Current)) : 0;
            return result;
        }
    }

    public CudaResult DestroyEvent(nint cudaEvent)
    {
        lock (_gate)
        {
            return Refuse("cuEventDestroy", Needs.Context) ?? Remove<EventHandle>(cudaEvent);
        }
    }

    public CudaResult RecordEvent(nint cudaEvent, nint stream)
    {
        lock (_gate)
        {
            if (Refuse("cuEventRecord", Needs.Context) is CudaResult refused)
            {
                return refused;
            }

            if (FindStream(stream) is not StreamHandle queue || Find<EventHandle>(cudaEvent) is not EventHandle found)
            {
                return CudaResult.InvalidHandle;
            }

            var place = new EventPlace(queue, queue.Capture is not null);
            place.IsReached = place.IsCaptured;
            found.Place = place;
            return Enqueue(queue, () => place.IsReached = true);
        }
    }

    public CudaResult QueryEvent(nint cudaEvent)
    {
        lock (_gate)
        {
            return Refuse("cuEventQuery", Needs.Context)
                ?? Usable(cudaEvent, out EventHandle found)
                ?? (found.Place.IsReached ? CudaResult.Success : CudaResult.NotReady);
        }
    }

    public CudaResult SynchronizeEvent(nint cudaEvent)
    {
        lock (_gate)
        {
            return Refuse("cuEventSynchronize", Needs.Context)
                ?? Usable(cudaEvent, out EventHandle found)
                ?? Run(() => Reach(found.Place));
        }
    }

    /// <summary>No time passes.</summary>
    public CudaResult GetElapsedTime(nint start, nint end, out float milliseconds)
    {
        lock (_gate)
        {
            milliseconds = 0;
            return Refuse("cuEventElapsedTime", Needs.Context)
                ?? Usable(start, out EventHandle first)
                ?? Usable(end, out EventHandle last)
                ?? (first.Place.Stream is null || last.Place.Stream is null ? CudaResult.InvalidHandle
                    : first.Place.IsReached && last.Place.IsReached ? CudaResult.Success : CudaResult.NotReady);
        }
    }

    public CudaResult GetCaptureStatus(nint stream, out CudaCaptureStatus status)
    {
        lock (_gate)
        {
            status = CudaCaptureStatus.None;
            if (Refuse("cuStreamIsCapturing", Needs.Context) is CudaResult refused)
            {
                return refused;
            }

            if (FindStream(stream) is not StreamHandle found)
            {
                return CudaResult.InvalidHandle;
            }

            status = found.Capture switch
            {
                null => CudaCaptureStatus.None,
                { IsSpoiled: true } => CudaCaptureStatus.Invalidated,
                _ => CudaCaptureStatus.Active,
            };
            return CudaResult.Success;
        }
    }

    public CudaResult BeginCapture(nint stream, CudaCaptureMode mode)
    {
        lock (_gate)
        {
            if (Refuse("cuStreamBeginCapture", Needs.Context) is CudaResult refused)
            {
                return refused;
            }

            if (stream is 0 or LegacyStream)
            {
                return CudaResult.StreamCaptureUnsupported;
            }

            if (FindStream(stream) is not StreamHandle { Capture: null } found)
            {
                return CudaResult.InvalidHandle;
            }

            found.Capture = new Capture(mode);
            return CudaResult.Success;
        }
    }

    public CudaResult EndCapture(nint stream, out nint graph)
    {
        lock (_gate)
        {
            graph = 0;
            if (Refuse("cuStreamEndCapture", Needs.Context) is CudaResult refused)
            {
                return refused;
            }

            if (FindStream(stream) is not StreamHandle { Capture: Capture capture } found)
            {
                return CudaResult.StreamCaptureUnmatched;
            }

            found.Capture = null;
            if (capture.IsSpoiled)
            {
                return CudaResult.StreamCaptureInvalidated;
            }

            graph = Add(new GraphHandle(Current, capture.Work, IsExecutable: false));
            return CudaResult.Success;
        }
    }

    public CudaResult InstantiateGraph(nint graph, out nint executable)
    {
        lock (_gate)
        {
            executable = 0;
            if (Refuse("cuGraphInstantiate", Needs.Context) is CudaResult refused)
            {
                return refused;
            }

            if (Find<GraphHandle>(graph) is not { IsExecutable: false } found)
            {
                return CudaResult.InvalidHandle;
            }

            executable = Add(found with { IsExecutable = true });
            return CudaResult.Success;
        }
    }

    public CudaResult LaunchGraph(nint executable, nint stream)
    {
        lock (_gate)
        {
            if (Refuse("cuGraphLaunch", Needs.Context) is CudaResult refused)
            {
                return refused;
            }

            if (Find<GraphHandle>(executable) is not { IsExecutable: true } found
                || FindStream(stream) is not StreamHandle queue)
            {
                return CudaResult.InvalidHandle;
            }

            foreach (Action work in found.Work)
            {
                if (Enqueue(queue, work) is var result and not CudaResult.Success)
                {
                    return result;
                }
            }

            return CudaResult.Success;
        }
    }

    public CudaResult DestroyGraph(nint graph)
    {
        lock (_gate)
        {
            return Refuse("cuGraphDestroy", Needs.Context) ?? Remove<GraphHandle>(graph);
        }
    }

    public CudaResult DestroyGraphExecutable(nint executable)
    {
        lock (_gate)
        {
            return Refuse("cuGraphExecDestroy", Needs.Context) ?? Remove<GraphHandle>(executable);
        }
    }

    private StreamHandle? FindStream(nint stream)
    {
        if (stream is not (0 or LegacyStream or PerThreadStream))
        {
            return Find<StreamHandle>(stream);
        }

        bool isOfThread = stream == PerThreadStream;
        (nint, nint, int) key =
            (Current, isOfThread ? PerThreadStream : LegacyStream, isOfThread ? Environment.CurrentManagedThreadId : 0);
        if (!_defaultStreams.TryGetValue(key, out StreamHandle? found))
        {
            found = new StreamHandle(Current);
            _defaultStreams.Add(key, found);
        }

        return found;
    }

    private CudaResult Enqueue(StreamHandle stream, Action work)
    {
        if (stream.Capture is Capture capture)
        {
            capture.Work.Add(work);
            return capture.IsSpoiled ? CudaResult.StreamCaptureInvalidated : CudaResult.Success;
        }

        stream.Waiting.Enqueue(work);
        return IsDeferred ? CudaResult.Success : Drain(stream);
    }

    private CudaResult DrainAll()
    {
        CudaResult result = CudaResult.Success;
        foreach (StreamHandle stream in _handles.Values.OfType<StreamHandle>().Concat(_defaultStreams.Values).ToArray())
        {
            result = Drain(stream) is var one and not CudaResult.Success ? one : result;
        }

        return result;
    }

    private CudaResult Drain(StreamHandle stream) => Run(() => Empty(stream));

    private static void Empty(StreamHandle stream)
    {
        while (stream.Waiting.TryDequeue(out Action? work))
        {
            work();
        }
    }

    private static void Reach(EventPlace place)
    {
        while (!place.IsReached && place.Stream!.Waiting.TryDequeue(out Action? work))
        {
            work();
        }
    }

    private CudaResult Run(Action work)
    {
        try
        {
            work();
        }
        catch (PtxException fault)
        {
            Fault ??= fault;
            _sticky = CudaResult.LaunchFailed;
        }

        return _sticky;
    }

    private bool SpoilCaptures()
    {
        bool any = false;
        foreach (StreamHandle stream in _handles.Values.OfType<StreamHandle>().Concat(_defaultStreams.Values))
        {
            any |= stream.Capture is { IsSpoiledByThisThread: true } && Spoil(stream);
        }

        return any;
    }

    private static bool Spoil(StreamHandle stream)
    {
        if (stream.Capture is Capture capture)
        {
            capture.IsSpoiled = true;
        }

        return stream.Capture is not null;
    }

    private CudaResult? Usable(nint cudaEvent, out EventHandle found)
    {
        EventHandle? handle = Find<EventHandle>(cudaEvent);
        found = handle ?? new EventHandle(0);
        return handle is null
            ? CudaResult.InvalidHandle
            : handle.Place.IsCaptured ? CudaResult.StreamCaptureUnsupported : null;
    }
}
