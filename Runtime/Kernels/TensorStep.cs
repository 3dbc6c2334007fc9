using System.ComponentModel;

namespace Requant.CompilerServices;

/// <summary>What the host knows of a tensor before a step.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct TensorStep
{
    /// <summary>Number of the update: 1 on the first one of the tensor.</summary>
    public int Step { get; init; }

    /// <summary>The states that no step of the tensor has used yet: bit i for state i.</summary>
    public int UnusedStates { get; init; }

    /// <summary>Rows of the tensor as a matrix.</summary>
    public int Rows { get; init; }

    /// <summary>Columns of the tensor as a matrix.</summary>
    public int Columns { get; init; }

    /// <summary>Whether the tensor has two dimensions or more, and more than one row and one column.</summary>
    public bool IsMatrix { get; init; }
}
