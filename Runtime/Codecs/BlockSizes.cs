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

    /// <summary>Blocks that hold <paramref name="length"/> elements.</summary>
    public static long Count(long length, int blockSize) => (length + blockSize - 1) / blockSize;
}
