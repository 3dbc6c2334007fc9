using System.Runtime.InteropServices;
using Requant.Checkpoints.Safetensors;

namespace Requant.Checkpoints.Images;

/// <summary>One tensor of one state: its codes, its absmax, or its float32 values.</summary>
internal readonly record struct StatePart(QuantizedState State, StateMemoryKind Kind)
{
    // A multiple of 4, so that no float32 is cut; small beside any state that matters.
    private const int ChunkBytes = 1 << 20;

    public SafetensorsType Type => TypeOf(Kind);

    /// <summary>Elements.</summary>
    public long Count => Kind == StateMemoryKind.Absmax ? State.BlockCount : State.Length;

    /// <summary>The tensors of a state that is in use.</summary>
    public static IEnumerable<StatePart> Of(QuantizedState state) =>
        Kinds(state.IsQuantized).Select(kind => new StatePart(state, kind));

    public static IEnumerable<StateMemoryKind> Kinds(bool isQuantized) =>
        isQuantized ? [StateMemoryKind.Absmax, StateMemoryKind.Codes] : [StateMemoryKind.Values];

    public static SafetensorsType TypeOf(StateMemoryKind kind) =>
        kind == StateMemoryKind.Codes ? SafetensorsType.U8 : SafetensorsType.F32;

    /// <summary>Its name in a checkpoint. The last two words are fixed, so that no two parts of any parameters
    /// share a name.</summary>
    public static string NameOf(string parameter, string state, StateMemoryKind kind) =>
        $"{parameter}.{state}." + kind switch
        {
            StateMemoryKind.Codes => "codes",
            StateMemoryKind.Absmax => "absmax",
            _ => "values",
        };

    /// <summary>The name of a tensor state in a checkpoint.</summary>
    public static string NameOfScalar(string parameter, string tensorState) => $"{parameter}.{tensorState}.scalar";

    /// <summary>The name of a parameter's remainders in a checkpoint.</summary>
    public static string NameOfRemainder(string parameter) => $"{parameter}.weights.remainder";

    /// <summary>Splits the elements into pieces of at most a mebibyte.</summary>
    public static void ForEachChunk(long count, int elementSize, Action<long, int> visit)
    {
        int chunk = ChunkBytes / elementSize;
        for (long start = 0; start < count; start += chunk)
        {
            visit(start, (int)Math.Min(chunk, count - start));
        }
    }

    public void WriteTo(ByteSink sink)
    {
        StatePart part = this;
        ForEachChunk(Count, Type.Size(), (start, count) => sink(part.Read(start, count)));
        GC.KeepAlive(part.State);
    }

    public void Write(long start, ReadOnlySpan<byte> bytes)
    {
        switch (Kind)
        {
            case StateMemoryKind.Codes:
                State.SetCodes(start, bytes);
                break;
            case StateMemoryKind.Absmax:
                State.SetAbsmax(start, MemoryMarshal.Cast<byte, float>(bytes));
                break;
            default:
                State.SetValues(start, MemoryMarshal.Cast<byte, float>(bytes), verbatim: true);
                break;
        }
    }

    private ReadOnlySpan<byte> Read(long start, int count) => Kind switch
    {
        StateMemoryKind.Codes => State.GetCodes(start, count),
        StateMemoryKind.Absmax => MemoryMarshal.AsBytes(State.GetAbsmax(start, count)),
        _ => MemoryMarshal.AsBytes(State.GetValues(start, count)),
    };
}
