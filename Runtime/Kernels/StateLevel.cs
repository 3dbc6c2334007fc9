namespace Requant;

/// <summary>What there is one value for.</summary>
public enum StateLevel
{
    /// <summary>Each element of the parameter.</summary>
    Element,

    /// <summary>Each row of the parameter as a matrix.</summary>
    Row,

    /// <summary>Each column of the parameter as a matrix.</summary>
    Column,

    /// <summary>The whole parameter.</summary>
    Tensor,
}
