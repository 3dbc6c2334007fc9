using System.ComponentModel;
using Requant.Devices;

namespace Requant.CompilerServices;

/// <summary>The shape of a codec's <see cref="DeviceTable"/>, as constants of the kernels. The tables themselves are
/// made by <see cref="DeviceTables"/>, which checks that they fit.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public interface IDeviceTable
{
    /// <summary>Low bits of a magnitude in which the floats of a cell differ, at least 16. With 16 a code is found as a
    /// byte of its own, which saves a shift; a larger one makes a smaller table: those of all codecs fit a group's 48
    /// KB together.</summary>
    static abstract int Shift { get; }

    /// <summary>Number of the cell that all smaller magnitudes are taken to be in.</summary>
    static abstract int FirstCell { get; }

    /// <summary>Cells from the first one to that of 1.</summary>
    static abstract int Cells { get; }

    /// <summary>Whether there are codes below that of 0. They mirror those above: code 0 has no mirror image where the
    /// largest code has none.</summary>
    static abstract bool IsSigned { get; }

    /// <summary>The code of the largest value.</summary>
    static abstract int LastCode { get; }

    /// <summary>The code of 0.</summary>
    static abstract int ZeroCode { get; }
}
