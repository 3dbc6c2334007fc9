using System.Runtime.InteropServices;
using Requant.Checkpoints.Images;
using Requant.Checkpoints.Safetensors;

namespace Requant.Checkpoints.Layouts;

/// <summary>The states of one parameter as tensors of another library.</summary>
internal sealed class LayoutExport(StateLayout layout, IReadOnlyDictionary<string, string> names)
{
    private const int BlockSizeOfBitsAndBytes = 256;

    private const int ValuesAtATime = 1 << 18;

    /// <summary>All tensors of a parameter.</summary>
    /// <exception cref="NotSupportedException">The other library has no place for a state, or not for one that is
    /// stored as it is.</exception>
    public IEnumerable<OutgoingTensor> Tensors(CheckpointParameter parameter)
    {
        ParameterState mine = parameter.State;
        IReadOnlyList<long> shape = parameter.Shape ?? [mine.Length];
        yield return Scalar($"{mine.Name}.{LayoutTensors.Step}", mine.Step);
        foreach (QuantizedState state in mine.States.Where(state => state.IsAllocated))
        {
            string name = NameOf(mine, state.Name);
            string prefix = layout.IsBitsAndBytes ? $"{mine.Name}.{LayoutTensors.Nested}." : $"{mine.Name}.";
            if (!layout.IsBitsAndBytes || !state.IsQuantized)
            {
                yield return new OutgoingTensor(prefix + name, SafetensorsType.F32, shape, sink => Decode(state, sink));
                continue;
            }

            BitsAndBytesMap map = MapOf(mine, state);
            yield return new OutgoingTensor(
                prefix + name, SafetensorsType.U8, shape, sink => WriteCodes(state, map, sink));
            yield return new OutgoingTensor(
                $"{prefix}absmax{name[^1]}", SafetensorsType.F32, [state.BlockCount],
                new StatePart(state, StateMemoryKind.Absmax).WriteTo);
            yield return new OutgoingTensor(
                $"{prefix}qmap{name[^1]}", SafetensorsType.F32, [map.Values.Length],
                sink => sink(MemoryMarshal.AsBytes(map.Values)));
        }

        foreach (string tensorState in mine.TensorStates.Names)
        {
            yield return Scalar($"{mine.Name}.{NameOf(mine, tensorState)}", mine.TensorStates[tensorState]);
        }
    }

    private string NameOf(ParameterState parameter, string state) => names.TryGetValue(state, out string? name)
        ? name
        : throw new NotSupportedException($"{layout} has no name for state '{state}' of '{parameter.Name}'; say it: "
            + $"layout with {{ {nameof(StateLayout.Names)} = ... }}.");

    private static BitsAndBytesMap MapOf(ParameterState parameter, QuantizedState state) =>
        state.BlockSize == BlockSizeOfBitsAndBytes && BitsAndBytesMap.Of(state.Codec) is BitsAndBytesMap map
            ? map
            : throw new NotSupportedException($"State '{state.Name}' of '{parameter.Name}' is {state.Codec} with "
                + $"blocks of {state.BlockSize}, and files for bitsandbytes have "
                + $"{string.Join(", ", BitsAndBytesMap.Codecs)} and blocks of {BlockSizeOfBitsAndBytes}; "
                + "load a checkpoint into an optimizer of those first.");

    private static void WriteCodes(QuantizedState state, BitsAndBytesMap map, ByteSink sink) =>
        new StatePart(state, StateMemoryKind.Codes).WriteTo(bytes =>
        {
            byte[] codes = bytes.ToArray();
            map.ToFile(codes);
            sink(codes);
        });

    private static OutgoingTensor Scalar(string name, float value) =>
        new(name, SafetensorsType.F32, [], sink => sink(BitConverter.GetBytes(value)));

    private static void Decode(QuantizedState state, ByteSink sink)
    {
        int chunk = ValuesAtATime / state.BlockSize * state.BlockSize;
        float[] values = new float[Math.Min(chunk, state.Length)];
        for (long start = 0; start < state.Length; start += chunk)
        {
            Span<float> some = values.AsSpan(0, (int)Math.Min(chunk, state.Length - start));
            state.Dequantize(start, some);
            sink(MemoryMarshal.AsBytes(some));
        }
    }
}
