namespace Requant.Ptx.Cuda;

/// <summary>What a handle of the driver stands for; each belongs to a context.</summary>
/// <param name="Context">The handle of the context.</param>
internal abstract record Handle(nint Context);

/// <summary>A module.</summary>
internal sealed record ModuleHandle(nint Context, PtxModule Module) : Handle(Context);

/// <summary>A function of a module.</summary>
internal sealed record FunctionHandle(nint Context, nint Module, PtxKernel Kernel) : Handle(Context);

/// <summary>A stream: what waits on it, and what is recorded of it.</summary>
internal sealed record StreamHandle(nint Context) : Handle(Context)
{
    /// <summary>Work that has not run yet.</summary>
    public Queue<Action> Waiting { get; } = new();

    /// <summary>The capture that has begun and not ended, or null.</summary>
    public Capture? Capture { get; set; }
}

/// <summary>An event.</summary>
internal sealed record EventHandle(nint Context) : Handle(Context)
{
    /// <summary>Where it was recorded last: who waits for it waits for that place, also when it is
    /// recorded again.</summary>
    public EventPlace Place { get; set; } = new(null, IsCaptured: false) { IsReached = true };
}

/// <summary>A place in a stream's work.</summary>
/// <param name="Stream">The stream; null where nothing was recorded.</param>
/// <param name="IsCaptured">Whether it was recorded in a capture.</param>
internal sealed record EventPlace(StreamHandle? Stream, bool IsCaptured)
{
    /// <summary>Whether the stream's work has come there.</summary>
    public bool IsReached { get; set; }
}

/// <summary>Recorded work, both before and after it is made executable.</summary>
internal sealed record GraphHandle(nint Context, IReadOnlyList<Action> Work, bool IsExecutable) : Handle(Context);

/// <summary>A capture under way.</summary>
/// <param name="mode">Whose calls spoil it.</param>
internal sealed class Capture(Requant.Devices.Driver.CudaCaptureMode mode)
{
    private readonly int _thread = Environment.CurrentManagedThreadId;

    public List<Action> Work { get; } = [];

    public bool IsSpoiled { get; set; }

    /// <summary>Whether a call that must not be made while streams are captured spoils this one.</summary>
    public bool IsSpoiledByThisThread => mode switch
    {
        Requant.Devices.Driver.CudaCaptureMode.Global => true,
        Requant.Devices.Driver.CudaCaptureMode.ThreadLocal => _thread == Environment.CurrentManagedThreadId,
        _ => false,
    };
}
