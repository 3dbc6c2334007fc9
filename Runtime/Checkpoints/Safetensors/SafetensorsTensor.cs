namespace Requant.Checkpoints.Safetensors;

/// <summary>One tensor as a header describes it.</summary>
/// <param name="Name">Its key in the header.</param>
/// <param name="Type">Type of its elements.</param>
/// <param name="Shape">Lengths of its dimensions; none for a scalar.</param>
/// <param name="Start">Its first byte, counted from the end of the header.</param>
/// <param name="End">The byte after its last one.</param>
internal sealed record SafetensorsTensor(string Name, SafetensorsType Type, long[] Shape, long Start, long End)
{
    /// <summary>Elements.</summary>
    public long Count => (End - Start) / Type.Size();

    public override string ToString() => $"'{Name}': {Type}[{string.Join(", ", Shape)}]";
}
