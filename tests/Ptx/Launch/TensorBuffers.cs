using System.Runtime.InteropServices;

namespace Requant.Ptx.Launch;

/// <summary>One tensor on the device for one step.</summary>
internal sealed class TensorBuffers
{
    /// <summary>Partial results that nothing has written are NaN, and spoil what is made of them.</summary>
    private const byte UnwrittenPartial = 0xff;

    public TensorBuffers(
        ParameterState state, RuleInfo info, ReadOnlySpan<byte> parameter, ElementType parameterType,
        ReadOnlySpan<byte> gradient, ElementType gradientType)
    {
        Length = state.Length;
        BlockSize = state.BlockSize;
        SegmentSize = BlockSizes.OfSegment(state);
        (ParameterType, GradientType) = (parameterType, gradientType);
        Parameter = Memory.Add("parameter", parameter.ToArray(), isWritable: true);
        Gradient = Memory.Add("gradient", gradient.ToArray(), isWritable: false);
        Uniforms = Memory.Add("uniforms", new byte[info.UniformCount * sizeof(float)], isWritable: false);
        var partials = new byte[checked((int)state.BlockCount) * info.Reductions.Count * sizeof(float)];
        Array.Fill(partials, UnwrittenPartial);
        Partials = Memory.Add("partials", partials, isWritable: true);
        Skipped = Memory.Add("skipped", new byte[sizeof(long)], isWritable: true);
        States = [.. state.States.Select(one => one.IsAllocated ? new StateBuffers(Memory, one, state.BlockSize, BlockSizes.AreMixed(info.States)) : null)];
    }

    public GlobalMemory Memory { get; } = new();

    public GlobalBuffer Parameter { get; }

    public GlobalBuffer Gradient { get; }

    public GlobalBuffer Uniforms { get; }

    public GlobalBuffer Partials { get; }

    public GlobalBuffer Skipped { get; }

    /// <summary>Null for a state that is not in use.</summary>
    public IReadOnlyList<StateBuffers?> States { get; }

    public long Length { get; }

    public ElementType ParameterType { get; }

    public ElementType GradientType { get; }

    public int BlockSize { get; }

    public int SegmentSize { get; }

    public Span<float> UniformValues => MemoryMarshal.Cast<byte, float>(Uniforms.Bytes.AsSpan());

    public Span<float> PartialValues => MemoryMarshal.Cast<byte, float>(Partials.Bytes.AsSpan());

    public ref long SkippedCount => ref MemoryMarshal.AsRef<long>(Skipped.Bytes.AsSpan());
}
