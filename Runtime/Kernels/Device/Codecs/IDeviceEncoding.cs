using System.ComponentModel;

namespace Requant.CompilerServices;

/// <summary>What codes mean on a device, and how they are found: a codec and its rounding. Implementations are
/// empty structs.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public interface IDeviceEncoding
{
    /// <summary>Whether there are negative values.</summary>
    static abstract bool IsSigned { get; }

    /// <summary>Takes the codec's table, where it has one, to shared memory. All threads of a group call together, and
    /// all of the table is there when they return.</summary>
    /// <param name="launch">Has the device's memory.</param>
    /// <param name="position">Where the table is.</param>
    static abstract DeviceTable OpenTable(LaunchParameters launch, long position);

    /// <summary>What a code means, in units of absmax.</summary>
    static abstract float Decode(DeviceTable table, uint code);

    /// <summary>What four codes mean, in units of absmax: those of <paramref name="low"/> in the first four, of
    /// <paramref name="high"/> in the others.</summary>
    static abstract Float32x8 DecodeEight(DeviceTable table, uint low, uint high);

    /// <summary>The code of a value.</summary>
    /// <param name="state">Has the key of random bits.</param>
    /// <param name="table">The codec's table.</param>
    /// <param name="element">Position in the tensor.</param>
    /// <param name="value">Its magnitude times <paramref name="inverse"/> is at most 1, or rounds to 1.</param>
    /// <param name="inverse">1 / absmax.</param>
    static abstract uint Encode(DeviceState state, DeviceTable table, long element, float value, float inverse);

    /// <summary>The codes of four values, the first in the lowest byte.</summary>
    /// <param name="state">Has the key of random bits.</param>
    /// <param name="table">The codec's table.</param>
    /// <param name="four">Number of the four in the tensor.</param>
    /// <param name="x">The first value.</param>
    /// <param name="y">The second.</param>
    /// <param name="z">The third.</param>
    /// <param name="w">The fourth.</param>
    /// <param name="inverse">1 / absmax.</param>
    static abstract uint EncodeFour(
        DeviceState state, DeviceTable table, uint four, float x, float y, float z, float w, float inverse);
}
