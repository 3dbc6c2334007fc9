namespace Requant.Distributed;

/// <summary>A parameter tensor of a model whose states are spread over ranks.</summary>
/// <param name="Name">A name that no other one has; the same on all ranks.</param>
/// <param name="Shape">Its dimensions, each 0 or more; none of a scalar.</param>
/// <param name="Group">Position of its parameter group.</param>
public sealed record ShardedParameter(string Name, IReadOnlyList<long> Shape, int Group = 0)
{
    /// <summary>Whether its states stay in float32, whatever its length.</summary>
    public bool KeepFloat32 { get; init; }

    /// <summary>Elements of the tensor.</summary>
    public long Length => Shape.Aggregate(1L, (product, dimension) => checked(product * dimension));
}
