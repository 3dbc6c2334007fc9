namespace Requant.Distributed.Sharding;

/// <summary>Elements of a tensor whose states are on one rank.</summary>
/// <param name="Tensor">Number of the tensor.</param>
/// <param name="Rank">The rank.</param>
/// <param name="Start">The first element: at the beginning of a block.</param>
/// <param name="Length">Elements.</param>
internal readonly record struct Piece(int Tensor, int Rank, long Start, long Length);
