namespace Requant.Distributed;

/// <summary>A run of bytes that goes to another rank or comes from it.</summary>
/// <param name="Rank">The other rank; may be this rank itself.</param>
/// <param name="Address">Of the first byte: host memory, or with NCCL memory of the CUDA device.</param>
/// <param name="Bytes">How many; may be 0.</param>
public readonly record struct Transfer(int Rank, nint Address, long Bytes);
