using System.Runtime.CompilerServices;

namespace Requant.Ilgpu;

/// <summary>How generated ILGPU kernels read and write one state. Implementations are empty structs, so that each
/// kernel is compiled for the codecs of its states.</summary>
/// <remarks>
/// A warp opens a block, computes the new values once for their largest magnitude, closes the block, and computes them
/// again to store them. Until a value is stored its old code stays, so the second pass loads what the first one did. Where
/// states differ in block size the warp has a tile: it closes segments, and commits the tile; see <see cref="DeviceTile"/>.
/// </remarks>
public interface IDeviceCodec
{
    /// <summary>The old absmax of a block, to be kept for the loads of both passes.</summary>
    /// <param name="state">Quantized: codes: uint8[n]; absmax: float32[ceil(n/B)]. Otherwise values: float32[n].</param>
    /// <param name="block">Number of the block, from 0 to ceil(n/B) - 1.</param>
    /// <returns>0 for a state kept in float32, which has none.</returns>
    static abstract float Open(DeviceState state, long block);

    /// <summary>Old value of one element of the tensor.</summary>
    /// <param name="state">Quantized: codes: uint8[n]; codebook: float32[256]. Otherwise values: float32[n].</param>
    /// <param name="element">Position in the tensor, from 0 to n - 1.</param>
    /// <param name="oldAbsmax">What <see cref="Open"/> gave for the element's block.</param>
    static abstract float Load(DeviceState state, long element, float oldAbsmax);

    /// <summary>The larger of <paramref name="maximum"/> and the magnitude that will be stored: the new value's, or the
    /// old one's where the new one is not finite.</summary>
    static abstract float Widen(float maximum, float newValue, float oldValue);

    /// <summary>Writes the new absmax. All lanes call together, after the first pass.</summary>
    /// <param name="state">The state.</param>
    /// <param name="block">The block.</param>
    /// <param name="laneMaximum">What <see cref="Widen"/> gave for the elements of this lane, from 0 on.</param>
    /// <returns>The factor for <see cref="Store"/>.</returns>
    static abstract float Close(DeviceState state, long block, float laneMaximum);

    /// <summary>Writes the new value of one element of the tensor.</summary>
    /// <param name="state">Quantized: codes: uint8[n]; thresholds: float32[256]. Otherwise values: float32[n].</param>
    /// <param name="element">Position in the tensor, from 0 to n - 1.</param>
    /// <param name="newValue">What to store.</param>
    /// <param name="oldValue">From <see cref="Load"/>; a quantized state keeps it where <paramref name="newValue"/> is
    /// not finite.</param>
    /// <param name="inverse">What <see cref="Close"/> gave for the element's block: 1 / absmax, or 0 for a block of
    /// zeros.</param>
    static abstract void Store(DeviceState state, long element, float newValue, float oldValue, float inverse);

    /// <summary>Ends a segment of a tile in the first pass: where a block ends with it, writes the block's next absmax. All
    /// lanes call together.</summary>
    /// <param name="state">The state.</param>
    /// <param name="firstBlock">The state's first block in the tile.</param>
    /// <param name="segment">First element of the segment in the tile.</param>
    /// <param name="end">One past its last element.</param>
    /// <param name="length">Elements of the tile.</param>
    /// <param name="laneMaximum">What <see cref="Widen"/> gave for the block's elements of this lane so far.</param>
    /// <param name="updated">One past the tile's last element of this lane whose gradient was finite, or 0.</param>
    /// <returns>The maximum to go on with: <paramref name="laneMaximum"/>, or 0 where a block ended.</returns>
    static abstract float CloseSegment(
        DeviceState state, long firstBlock, int segment, int end, int length, float laneMaximum, float updated);

    /// <summary>The factor for <see cref="Store"/> in the second pass over a tile, or -1 for a block that keeps its codes
    /// because no gradient of it was finite.</summary>
    static abstract float Next(DeviceState state, long block);

    /// <summary>Makes a tile's next absmax its absmax, after the second pass.</summary>
    /// <param name="state">The state.</param>
    /// <param name="firstBlock">The state's first block in the tile.</param>
    /// <param name="length">Elements of the tile.</param>
    static abstract void Commit(DeviceState state, long firstBlock, int length);
}

/// <summary>A state kept as codes and absmax, by the table in <see cref="DeviceState.Codebook"/>.</summary>
public readonly struct QuantizedDeviceCodec : IDeviceCodec
{
    /// <summary>2^-126, below which a block counts as zero: 1 / absmax would not be finite for all.</summary>
    private const float MinAbsmax = 1.17549435e-38f;

    /// <summary>Next absmax of a block that keeps its absmax and codes.</summary>
    private const float Unchanged = -1f;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Open(DeviceState state, long block) => state.Absmax[block];

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Load(DeviceState state, long element, float oldAbsmax) =>
        state.Codebook[(int)state.Codes[element]] * oldAbsmax;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Widen(float maximum, float newValue, float oldValue)
    {
        float magnitude = MathF.Abs(Stored(newValue, oldValue));
        return magnitude > maximum ? magnitude : maximum;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Close(DeviceState state, long block, float laneMaximum)
    {
        float absmax = DeviceWarp.Max(laneMaximum);
        float inverse = 0f;
        if (absmax < MinAbsmax)
        {
            absmax = 0f;
        }
        else
        {
            inverse = 1f / absmax;
        }

        if (DeviceGrid.Lane == 0)
        {
            state.Absmax[block] = absmax;
        }

        return inverse;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(DeviceState state, long element, float newValue, float oldValue, float inverse)
    {
        // The code is the number of thresholds at or below the scaled value; unused thresholds are infinite.
        float scaled = Stored(newValue, oldValue) * inverse;
        int code = 0;
        for (int bit = 128; bit >= 1; bit >>= 1)
        {
            if (state.Thresholds[code + bit - 1] <= scaled)
            {
                code += bit;
            }
        }

        state.Codes[element] = (byte)code;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float CloseSegment(
        DeviceState state, long firstBlock, int segment, int end, int length, float laneMaximum, float updated)
    {
        if (end < length && end % state.BlockSize != 0)
        {
            return laneMaximum;
        }

        int block = segment / state.BlockSize;
        float absmax = DeviceWarp.Max(laneMaximum);
        if (absmax < MinAbsmax)
        {
            absmax = 0f;
        }

        if (DeviceWarp.Max(updated) <= block * state.BlockSize)
        {
            absmax = Unchanged;
        }

        if (DeviceGrid.Lane == 0)
        {
            state.NextAbsmax[firstBlock + block] = absmax;
        }

        return 0f;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Next(DeviceState state, long block)
    {
        float absmax = state.NextAbsmax[block];
        return absmax > 0f ? 1f / absmax : absmax;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Commit(DeviceState state, long firstBlock, int length)
    {
        int blocks = (length + state.BlockSize - 1) / state.BlockSize;
        for (int block = DeviceGrid.Lane; block < blocks; block += DeviceGrid.WarpSize)
        {
            float absmax = state.NextAbsmax[firstBlock + block];
            if (absmax != Unchanged)
            {
                state.Absmax[firstBlock + block] = absmax;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Stored(float newValue, float oldValue) => DeviceMath.IsFinite(newValue) ? newValue : oldValue;
}

/// <summary>A state kept in float32.</summary>
public readonly struct Float32DeviceCodec : IDeviceCodec
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Open(DeviceState state, long block) => 0f;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Load(DeviceState state, long element, float oldAbsmax) => state.Values[element];

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Widen(float maximum, float newValue, float oldValue) => 0f;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Close(DeviceState state, long block, float laneMaximum) => 0f;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(DeviceState state, long element, float newValue, float oldValue, float inverse) =>
        state.Values[element] = newValue;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float CloseSegment(
        DeviceState state, long firstBlock, int segment, int end, int length, float laneMaximum, float updated) => 0f;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Next(DeviceState state, long block) => 0f;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Commit(DeviceState state, long firstBlock, int length)
    {
    }
}
