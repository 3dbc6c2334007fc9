namespace Requant;

/// <summary>The block sizes that states can have.</summary>
public static class BlockSizes
{
    /// <summary>Smallest block, and the step between sizes, in elements.</summary>
    public const int Min = 16;

    /// <summary>Largest block, in elements.</summary>
    public const int Max = 4096;

    /// <summary>Throws unless <paramref name="blockSize"/> is a multiple of 16 from 16 to 4096.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not; the message names the value and the range.</exception>
    public static void Validate(int blockSize, string parameterName)
    {
        if (blockSize is < Min or > Max || blockSize % Min != 0)
        {
            throw new ArgumentOutOfRangeException(parameterName, blockSize,
                $"A block size is a multiple of {Min} from {Min} to {Max}; 256 is the usual one.");
        }
    }

    /// <summary>Elements that the kernels of a rule take at a time: the least common multiple of its states' block sizes.
    /// States that are never quantized have no blocks.</summary>
    /// <returns>At least 16; more than 4096 when the sizes do not go together.</returns>
    internal static long OfTile(IReadOnlyList<StateInfo> states) => Quantized(states)
        .DefaultIfEmpty(states.Count > 0 ? states[0].BlockSize : StateAttribute.DefaultBlockSize)
        .Aggregate(1L, (tile, size) => tile / GreatestDivisor(tile, size) * size);

    /// <summary>Whether the states of a rule differ in block size, so that its kernels work on tiles.</summary>
    internal static bool AreMixed(IReadOnlyList<StateInfo> states) => Quantized(states).Distinct().Count() > 1;

    /// <summary>Elements within which no state changes its block.</summary>
    internal static int OfSegment(ParameterState state) => state.States
        .Where(one => one.IsQuantized).Select(one => one.BlockSize)
        .Aggregate(state.BlockSize, (segment, size) => (int)GreatestDivisor(segment, size));

    /// <summary>Blocks that hold <paramref name="length"/> elements.</summary>
    public static long Count(long length, int blockSize) => (length + blockSize - 1) / blockSize;

    private static IEnumerable<int> Quantized(IReadOnlyList<StateInfo> states) =>
        states.Where(state => state.Codec != Codec.Float32).Select(state => state.BlockSize);

    private static long GreatestDivisor(long first, long second) =>
        second == 0 ? first : GreatestDivisor(second, first % second);
}
