using System.ComponentModel;

namespace Requant.CompilerServices;

/// <summary>What a tensor's row in the table of <see cref="LaunchParameters.Lines"/> begins with; each is an int64.
/// Behind that are positions: of each value of rows, of each value of columns, of each matrix; of each reduction's
/// partial results, and of its results where there are many, or of its terms where they are of rows or columns; of each
/// row or column state's new values, and of its memory.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class DeviceLineField
{
    /// <summary>Rows of the tensor as a matrix.</summary>
    public const int Rows = 0;

    /// <summary>Columns of the tensor as a matrix.</summary>
    public const int Columns = 1;

    /// <summary>Position of an int32 that is not 0 where nothing of the tensor is updated.</summary>
    public const int Skipped = 2;

    /// <summary>Rows of the launch's tensors up to this one's last.</summary>
    public const int RowEnd = 3;

    /// <summary>Columns of the launch's tensors up to this one's last.</summary>
    public const int ColumnEnd = 4;

    /// <summary>Strips of the launch's tensors up to this one's last: of 32 columns of a band of rows.</summary>
    public const int StripEnd = 5;

    /// <summary>Fields before the positions.</summary>
    public const int Count = 6;
}
