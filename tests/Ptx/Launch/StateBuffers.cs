using System.Runtime.InteropServices;
using Requant.Quantization;

namespace Requant.Ptx.Launch;

/// <summary>A state on the device: a copy of what the host holds, which goes back after the step.</summary>
internal sealed class StateBuffers
{
    /// <summary>Codecs may have fewer values; kernels see tables of this many.</summary>
    private const int TableLength = 256;

    private readonly QuantizedState _state;

    /// <param name="memory">Where to put them.</param>
    /// <param name="state">The state on the host, which has memory.</param>
    /// <param name="tileSize">Elements that a warp takes at a time.</param>
    /// <param name="hasTiles">Whether the rule's states differ in block size.</param>
    public StateBuffers(GlobalMemory memory, QuantizedState state, int tileSize, bool hasTiles)
    {
        _state = state;
        BlockSize = state.IsQuantized ? state.BlockSize : tileSize;
        if (!state.IsQuantized)
        {
            Values = memory.Add($"{state.Name}.values", MemoryMarshal.AsBytes(state.Values).ToArray(), isWritable: true);
            return;
        }

        Codebook codebook = Quantization.Codebook.For(state.Codec);
        Codes = memory.Add($"{state.Name}.codes", state.Codes.ToArray(), isWritable: true);
        Absmax = memory.Add($"{state.Name}.absmax", MemoryMarshal.AsBytes(state.Absmax).ToArray(), isWritable: true);
        if (hasTiles)
        {
            var unwritten = new byte[checked((int)state.BlockCount) * sizeof(float)];
            Array.Fill(unwritten, byte.MaxValue);
            NextAbsmax = memory.Add($"{state.Name}.nextAbsmax", unwritten, isWritable: true);
        }

        Codebook = AddTable(memory, $"{state.Name}.codebook", codebook.Values);
        Thresholds = AddTable(memory, $"{state.Name}.thresholds", codebook.Thresholds);
    }

    public GlobalBuffer? Codes { get; }

    public GlobalBuffer? Absmax { get; }

    public GlobalBuffer? Values { get; }

    public GlobalBuffer? Codebook { get; }

    public GlobalBuffer? Thresholds { get; }

    public GlobalBuffer? NextAbsmax { get; }

    public int BlockSize { get; }

    /// <summary>Copies the state back.</summary>
    public void WriteBack()
    {
        if (Values is not null)
        {
            _state.SetValues(0, MemoryMarshal.Cast<byte, float>(Values.Bytes));
            return;
        }

        _state.SetCodes(0, Codes!.Bytes);
        _state.SetAbsmax(0, MemoryMarshal.Cast<byte, float>(Absmax!.Bytes));
    }

    private static GlobalBuffer AddTable(GlobalMemory memory, string name, ReadOnlySpan<float> values)
    {
        var table = new float[TableLength];
        values.CopyTo(table);
        return memory.Add(name, MemoryMarshal.AsBytes<float>(table).ToArray(), isWritable: false);
    }
}
