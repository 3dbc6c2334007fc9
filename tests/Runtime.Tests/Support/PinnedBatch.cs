using System.Runtime.InteropServices;

namespace Requant.Runtime.Tests.Support;

/// <summary>Arrays held in place for a batch of raw addresses.</summary>
internal sealed class PinnedBatch : IDisposable
{
    private readonly List<GCHandle> _handles = [];

    public PinnedBatch(IReadOnlyList<ParameterState> states, float[][] parameters, float[][] gradients)
    {
        Updates = [.. states.Select((state, i) => new TensorUpdate(state, Pin(parameters[i]), Pin(gradients[i])))];
    }

    public TensorUpdate[] Updates { get; }

    public void Dispose() => _handles.ForEach(handle => handle.Free());

    private nint Pin(float[] values)
    {
        var handle = GCHandle.Alloc(values, GCHandleType.Pinned);
        _handles.Add(handle);
        return handle.AddrOfPinnedObject();
    }
}
