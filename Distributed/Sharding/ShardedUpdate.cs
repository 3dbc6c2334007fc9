using Requant.Numerics;

namespace Requant.Distributed;

/// <summary>Where a parameter and its gradient lie on one rank: all of it, in host memory.</summary>
/// <param name="Parameter">Address of the first element; every rank has the same values.</param>
/// <param name="Gradient">Address of this rank's gradient; 0 where it has none, which counts as zeros. The elements
/// that this rank keeps states of are overwritten with the sum or the mean over all ranks.</param>
/// <param name="ParameterType">Type of the parameter's elements; the same on all ranks.</param>
/// <param name="GradientType">Type of the gradient's elements; the same on all ranks.</param>
public readonly record struct ShardedUpdate(
    nint Parameter, nint Gradient, ElementType ParameterType = ElementType.Float32,
    ElementType GradientType = ElementType.Float32);
