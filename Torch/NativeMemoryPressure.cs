namespace Requant.Torch;

/// <summary>Tells the garbage collector of native memory that is freed when the object that holds this is
/// collected.</summary>
internal sealed class NativeMemoryPressure
{
    private readonly long _bytes;

    public NativeMemoryPressure(long bytes)
    {
        // 0 is not allowed.
        _bytes = Math.Max(1, bytes);
        GC.AddMemoryPressure(_bytes);
    }

    ~NativeMemoryPressure() => GC.RemoveMemoryPressure(_bytes);
}
