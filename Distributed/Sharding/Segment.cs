namespace Requant.Distributed.Sharding;

/// <summary>Elements of a piece that are exchanged at a time.</summary>
/// <param name="Piece">Number of the piece.</param>
/// <param name="Start">The first element, counted in the tensor.</param>
/// <param name="Length">Elements.</param>
internal readonly record struct Segment(int Piece, long Start, int Length);
