using System.Runtime.InteropServices;

namespace Requant.Ptx.Launch;

/// <summary>One tensor on the device for one step.</summary>
internal sealed class TensorBuffers
{
    /// <summary>Partial results that nothing has written are NaN, and spoil what is made of them.</summary>
    private const byte UnwrittenPartial = 0xff;

    public TensorBuffers(ParameterState state, RuleInfo info, ReadOnlySpan<float> parameter, ReadOnlySpan<float> gradient)
    {
        BlockSize = state.BlockSize;
        Parameter = Memory.Add("parameter", MemoryMarshal.AsBytes(parameter).ToArray(), isWritable: true);
        Gradient = Memory.Add("gradient", MemoryMarshal.AsBytes(gradient).ToArray(), isWritable: false);
        Uniforms = Memory.Add("uniforms", new byte[info.UniformCount * sizeof(float)], isWritable: false);
        var partials = new byte[checked((int)state.BlockCount) * info.Reductions.Count * sizeof(float)];
        Array.Fill(partials, UnwrittenPartial);
        Partials = Memory.Add("partials", partials, isWritable: true);
        Skipped = Memory.Add("skipped", new byte[sizeof(long)], isWritable: true);
        States = [.. state.States.Select(one => new StateBuffers(Memory, one))];
    }

    public GlobalMemory Memory { get; } = new();

    public GlobalBuffer Parameter { get; }

    public GlobalBuffer Gradient { get; }

    public GlobalBuffer Uniforms { get; }

    public GlobalBuffer Partials { get; }

    public GlobalBuffer Skipped { get; }

    public IReadOnlyList<StateBuffers> States { get; }

    public int BlockSize { get; }

    public Span<float> UniformValues => MemoryMarshal.Cast<byte, float>(Uniforms.Bytes.AsSpan());

    public Span<float> PartialValues => MemoryMarshal.Cast<byte, float>(Partials.Bytes.AsSpan());

    public ref long SkippedCount => ref MemoryMarshal.AsRef<long>(Skipped.Bytes.AsSpan());
}
