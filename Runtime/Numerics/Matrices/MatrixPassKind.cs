namespace Requant.Numerics.Matrices;

/// <summary>What a <see cref="MatrixPass"/> does. Y has at most as many rows as columns.</summary>
internal enum MatrixPassKind
{
    /// <summary>Sets Y and its transpose to the values, divided by their norm.</summary>
    Import,

    /// <summary>A = Y Yᵀ.</summary>
    Gram,

    /// <summary>B = b A + c A A.</summary>
    Square,

    /// <summary>The next Y, as its transpose: a Y + B Y.</summary>
    Multiply,

    /// <summary>Y itself, of its transpose.</summary>
    Transpose,

    /// <summary>Sets the values to what Y's transpose holds.</summary>
    Export,
}
