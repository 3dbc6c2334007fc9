using System.ComponentModel;

namespace Requant.CompilerServices;

/// <summary>How generated ILGPU kernels read and write one state. Implementations are empty structs, so that each
/// kernel is compiled for the codecs of its states.</summary>
/// <remarks>
/// <para>A whole block of 256 is taken at once: <see cref="LoadEight"/>, <see cref="MaxMagnitude(uint, Float32x8)"/>,
/// and where all of the warp turn out to be finite, <see cref="StoreEight"/>.</para>
/// <para>Any other block is taken twice: a warp opens it, computes the new values once for their largest magnitude,
/// closes the block, and computes them again to store them. Until a value is stored its old code stays, so the second
/// pass loads what the first one did.</para>
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public interface IDeviceCodec
{
    /// <summary>Whether the state has an absmax, for which lanes meet.</summary>
    static abstract bool IsQuantized { get; }

    /// <summary>Takes the codec's table, where it has one, to shared memory. All threads of a group call together, and
    /// all of the table is there when they return.</summary>
    /// <param name="launch">Has the device's memory.</param>
    /// <param name="position">Where the table is.</param>
    static abstract DeviceTable OpenTable(LaunchParameters launch, long position);

    /// <summary>The old absmax of a block, to be kept for the loads of both passes.</summary>
    /// <param name="state">Quantized: codes: uint8[n]; absmax: float32[ceil(n/B)]. Otherwise
    /// values: float32[n].</param>
    /// <param name="block">Number of the block, from 0 to ceil(n/B) - 1.</param>
    /// <returns>0 for a state kept in float32, which has none.</returns>
    static abstract float Open(DeviceState state, long block);

    /// <summary>Old value of one element of the tensor.</summary>
    /// <param name="state">The state.</param>
    /// <param name="table">The codec's table.</param>
    /// <param name="element">Position in the tensor, from 0 to n - 1.</param>
    /// <param name="oldAbsmax">What <see cref="Open"/> gave for the element's block.</param>
    static abstract float Load(DeviceState state, DeviceTable table, long element, float oldAbsmax);

    /// <summary>Old values of a lane's eight elements.</summary>
    /// <param name="state">The state.</param>
    /// <param name="table">The codec's table.</param>
    /// <param name="block">The block, less than <see cref="Float32x8.MostBlocks"/>.</param>
    static abstract Float32x8 LoadEight(DeviceState state, DeviceTable table, uint block);

    /// <summary>Adds what <see cref="LoadEight"/> reads to what is prefetched.</summary>
    /// <param name="prefetch">What is prefetched.</param>
    /// <param name="state">The state.</param>
    static abstract void Prefetch(ref DevicePrefetch prefetch, DeviceState state);

    /// <summary>The largest of <paramref name="largest"/> and the magnitudes of eight new values, as bits: more than
    /// those of finite floats where one is not finite.</summary>
    static abstract uint MaxMagnitude(uint largest, Float32x8 values);

    /// <summary>The new absmax of a whole block as bits, the same in all lanes. All call together.</summary>
    /// <param name="laneLargest">What <see cref="MaxMagnitude(uint, Float32x8)"/> gave.</param>
    /// <returns>For a state kept in float32, which has none, the largest magnitude.</returns>
    static abstract uint Largest(uint laneLargest);

    /// <summary>What the values of a whole block are multiplied by to be encoded: 1 / absmax, or 0 for a
    /// block of zeros.</summary>
    /// <param name="largest">What <see cref="Largest"/> gave.</param>
    static abstract float Inverse(uint largest);

    /// <summary>Writes the new values of a lane's eight elements.</summary>
    /// <param name="state">The state.</param>
    /// <param name="table">The codec's table.</param>
    /// <param name="block">The block, less than <see cref="Float32x8.MostBlocks"/>.</param>
    /// <param name="values">What to store; finite.</param>
    /// <param name="inverse">What <see cref="Inverse"/> gave.</param>
    static abstract void StoreEight(DeviceState state, DeviceTable table, uint block, Float32x8 values, float inverse);

    /// <summary>Writes the new absmax of a whole block, by one lane.</summary>
    /// <param name="state">The state.</param>
    /// <param name="block">The block, less than <see cref="Float32x8.MostBlocks"/>.</param>
    /// <param name="largest">What <see cref="Largest"/> gave.</param>
    static abstract void StoreAbsmax(DeviceState state, uint block, uint largest);

    /// <summary>The larger of <paramref name="maximum"/> and the magnitude that will be stored: the new value's, or the
    /// old one's where the new one is not finite.</summary>
    static abstract float MaxMagnitude(float maximum, float newValue, float oldValue);

    /// <summary>Writes the new absmax. All lanes call together, after the first pass.</summary>
    /// <param name="state">The state.</param>
    /// <param name="block">The block.</param>
    /// <param name="laneMaximum">What <see cref="MaxMagnitude(float, float, float)"/> gave for the elements of this
    /// lane, from 0 on.</param>
    /// <returns>The factor for <see cref="Store"/>.</returns>
    static abstract float Close(DeviceState state, long block, float laneMaximum);

    /// <summary>Writes the new value of one element of the tensor.</summary>
    /// <param name="state">The state.</param>
    /// <param name="table">The codec's table.</param>
    /// <param name="element">Position in the tensor, from 0 to n - 1.</param>
    /// <param name="newValue">What to store.</param>
    /// <param name="oldValue">From <see cref="Load"/>; a quantized state keeps it where <paramref name="newValue"/> is
    /// not finite.</param>
    /// <param name="inverse">What <see cref="Close"/> gave for the element's block: 1 / absmax, or 0 for a block of
    /// zeros.</param>
    static abstract void Store(
        DeviceState state, DeviceTable table, long element, float newValue, float oldValue, float inverse);
}
