using Requant.Codecs;
using Requant.States;

namespace Requant;

/// <summary>One per-element state of one parameter: codes and absmax, or float32 values where it is not
/// quantized.</summary>
/// <remarks>Spans of a state in host memory are views of it. They are valid until the optimizer is disposed, and while
/// it or the state is reachable: <c>using</c>, or <see cref="GC.KeepAlive"/> after the last use of a span, ensures
/// that. Spans of a state on a device are copies, made at every access after the device's pending work.</remarks>
public sealed class QuantizedState
{
    /// <summary>About how many elements are copied at a time: a state may have more than fit a span.</summary>
    private const int CopyElements = 1 << 20;

    private readonly Func<StateStorage> _create;
    private readonly float _initial;
    private StateStorage? _storage;
    private bool _disposed;

    /// <param name="info">With the codec and rounding in force.</param>
    /// <param name="blockSize">Elements that share one absmax.</param>
    /// <param name="length">Elements.</param>
    /// <param name="isQuantized">Whether it is stored by the codec.</param>
    /// <param name="create">Makes its memory.</param>
    /// <param name="isUnsigned">Whether the rule declares it without negative values, however it is stored.</param>
    internal QuantizedState(
        StateInfo info, int blockSize, long length, bool isQuantized, Func<StateStorage> create,
        bool isUnsigned = false)
    {
        IsUnsigned = isUnsigned || info.Codec.IsUnsigned();
        Name = info.Name;
        Codec = isQuantized ? info.Codec : Codec.Float32;
        Rounding = isQuantized ? info.Rounding : StateRounding.Nearest;
        BlockSize = blockSize;
        Length = length;
        IsQuantized = isQuantized;
        Level = info.Level;
        _initial = info.Initial;
        _create = create;
    }

    /// <summary>Name of the state in the rule.</summary>
    public string Name { get; }

    /// <summary>How values are stored here: the rule's codec or that of <see cref="OptimizerOptions.Codecs"/>, and
    /// <see cref="Codec.Float32"/> when not quantized.</summary>
    public Codec Codec { get; }

    /// <summary>Which of the two codes around a new value is stored.</summary>
    public StateRounding Rounding { get; }

    /// <summary>Elements that share one absmax.</summary>
    public int BlockSize { get; }

    /// <summary>Elements: one for each of the parameter's, or for each of its rows or columns.</summary>
    public long Length { get; }

    /// <summary>Whether there is one value for each element, row or column.</summary>
    public StateLevel Level { get; }

    /// <summary>Whether the state is kept as codes and absmax.</summary>
    public bool IsQuantized { get; }

    /// <summary>Whether the state has memory. A state that the rule does not use with its hyperparameters (a third
    /// moment that only <c>amsgrad: true</c> needs) has none until they change or values are set; its
    /// values are 0.</summary>
    public bool IsAllocated => _storage is not null;

    /// <summary>Whether a step has used the state, or values were set: what <see cref="State.IsFirst"/> asks. Settable
    /// for resuming from a checkpoint.</summary>
    public bool IsUsed
    {
        get;
        set
        {
            field = value;
            UseChanged?.Invoke();
        }
    }

    /// <summary>Called when <see cref="IsUsed"/> was set.</summary>
    internal Action? UseChanged { get; set; }

    /// <summary>Blocks: ceil(<see cref="Length"/> / <see cref="BlockSize"/>).</summary>
    public long BlockCount => BlockSizes.Count(Length, BlockSize);

    /// <summary>Memory of the state, in bytes.</summary>
    public long StateBytes => !IsAllocated ? 0
        : IsQuantized ? Length + (BlockCount * sizeof(float)) : Length * sizeof(float);

    /// <summary>Codes: uint8[<see cref="Length"/>].</summary>
    /// <exception cref="InvalidOperationException">The state is not quantized, or longer than a span can
    /// be.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public ReadOnlySpan<byte> Codes => GetCodes(0, SpanLength(Length, nameof(GetCodes)));

    /// <summary>Scales: float32[<see cref="BlockCount"/>].</summary>
    /// <exception cref="InvalidOperationException">The state is not quantized, or longer than a span can
    /// be.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public ReadOnlySpan<float> Absmax => GetAbsmax(0, SpanLength(BlockCount, nameof(GetAbsmax)));

    /// <summary>Values of a state that is not quantized: float32[<see cref="Length"/>].</summary>
    /// <exception cref="InvalidOperationException">The state is quantized, or longer than a span can be.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public ReadOnlySpan<float> Values => GetValues(0, SpanLength(Length, nameof(GetValues)));

    /// <summary>Whether the rule declares the state without negative values, also where it is
    /// stored in float32.</summary>
    internal bool IsUnsigned { get; }

    internal StateStorage Storage
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _storage ?? throw new InvalidOperationException(
                $"State '{Name}' is not in use with the rule's hyperparameters and has no memory: "
                + "its values are 0, which "
                +
                "Dequantize gives; setting values allocates it.");
        }
    }

    /// <summary>Part of the codes, for states of more than 2^31 elements.</summary>
    /// <param name="start">First element, from 0.</param>
    /// <param name="count">Elements; 0 or more.</param>
    /// <returns>uint8[<paramref name="count"/>].</returns>
    /// <exception cref="ArgumentOutOfRangeException">The range is not within the state.</exception>
    /// <exception cref="InvalidOperationException">The state is not quantized.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public ReadOnlySpan<byte> GetCodes(long start, int count)
    {
        Require(quantized: true);
        RequireRange(start, count, Length);
        return Storage.ReadCodes(start, count);
    }

    /// <summary>Part of the scales.</summary>
    /// <param name="start">First block, from 0.</param>
    /// <param name="count">Blocks; 0 or more.</param>
    /// <returns>float32[<paramref name="count"/>].</returns>
    /// <exception cref="ArgumentOutOfRangeException">The range is not within the state's blocks.</exception>
    /// <exception cref="InvalidOperationException">The state is not quantized.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public ReadOnlySpan<float> GetAbsmax(long start, int count)
    {
        Require(quantized: true);
        RequireRange(start, count, BlockCount);
        return Storage.ReadAbsmax(start, count);
    }

    /// <summary>Part of the values of a state that is not quantized.</summary>
    /// <param name="start">First element, from 0.</param>
    /// <param name="count">Elements; 0 or more.</param>
    /// <returns>float32[<paramref name="count"/>].</returns>
    /// <exception cref="ArgumentOutOfRangeException">The range is not within the state.</exception>
    /// <exception cref="InvalidOperationException">The state is quantized.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public ReadOnlySpan<float> GetValues(long start, int count)
    {
        Require(quantized: false);
        RequireRange(start, count, Length);
        return Storage.ReadValues(start, count);
    }

    /// <summary>Replaces codes from <paramref name="start"/> on, as when a checkpoint is read.</summary>
    /// <param name="start">First element, from 0.</param>
    /// <param name="codes">uint8[count].</param>
    /// <exception cref="ArgumentException">The codec has no such code.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The range is not within the state.</exception>
    /// <exception cref="InvalidOperationException">The state is not quantized.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public void SetCodes(long start, ReadOnlySpan<byte> codes)
    {
        Require(quantized: true);
        RequireRange(start, codes.Length, Length);
        int bad = Codebook.For(Codec).IndexOfUnknown(codes);
        if (bad >= 0)
        {
            throw new ArgumentException(
                $"Code {codes[bad]} at element {start + bad} of state '{Name}' is not one of those of "
                + $"{Codec}.", nameof(codes));
        }

        Allocate();
        IsUsed = true;
        Storage.WriteCodes(start, codes);
    }

    /// <summary>Replaces scales from block <paramref name="start"/> on.</summary>
    /// <param name="start">First block, from 0.</param>
    /// <param name="absmax">float32[count].</param>
    /// <exception cref="ArgumentException">A scale is negative or not finite.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The range is not within the state's blocks.</exception>
    /// <exception cref="InvalidOperationException">The state is not quantized.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public void SetAbsmax(long start, ReadOnlySpan<float> absmax)
    {
        Require(quantized: true);
        RequireRange(start, absmax.Length, BlockCount);
        int unfit = StateValues.IndexOfUnfitAbsmax(absmax);
        if (unfit >= 0)
        {
            throw new ArgumentException(
                $"The absmax of block {start + unfit} of state '{Name}' is {absmax[unfit]}; it is the largest " +
                "magnitude of a block, 0 or more and finite.",
                nameof(absmax));
        }

        Allocate();
        IsUsed = true;
        Storage.WriteAbsmax(start, absmax);
    }

    /// <summary>Replaces values of a state that is not quantized from <paramref name="start"/> on.</summary>
    /// <param name="start">First element, from 0.</param>
    /// <param name="values">float32[count].</param>
    /// <param name="verbatim">Whether any value is taken: a state of a run with <see cref="NonFinitePolicy.Propagate"/>
    /// may hold NaN and infinities.</param>
    /// <exception cref="ArgumentException">A value is not finite, or is negative and the rule declares the state with
    /// an unsigned codec; unless <paramref name="verbatim"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The range is not within the state.</exception>
    /// <exception cref="InvalidOperationException">The state is quantized.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public void SetValues(long start, ReadOnlySpan<float> values, bool verbatim = false)
    {
        Require(quantized: false);
        RequireRange(start, values.Length, Length);
        int unfit = verbatim ? -1 : StateValues.IndexOfUnfit(values, IsUnsigned);
        if (unfit >= 0)
        {
            throw new ArgumentException(
                $"The value at element {start + unfit} of state '{Name}' is {values[unfit]}; it is "
                + $"{StateValues.Describe(IsUnsigned)}. Pass verbatim: true to store it all the same.",
                nameof(values));
        }

        Allocate();
        IsUsed = true;
        Storage.WriteValues(start, values);
    }

    /// <summary>Copies the values of another state that is stored in the same way.</summary>
    internal void CopyFrom(QuantizedState source)
    {
        if (!source.IsAllocated)
        {
            Clear();
            return;
        }

        int most = CopyElements / BlockSize * BlockSize;
        for (long start = 0; start < Length; start += most)
        {
            int count = (int)Math.Min(most, Length - start);
            if (IsQuantized)
            {
                SetCodes(start, source.GetCodes(start, count));
                SetAbsmax(
                    start / BlockSize, source.GetAbsmax(start / BlockSize, (int)BlockSizes.Count(count, BlockSize)));
            }
            else
            {
                SetValues(start, source.GetValues(start, count), verbatim: true);
            }
        }

        IsUsed = source.IsUsed;

        // The spans are of memory that may be freed with its owner.
        GC.KeepAlive(source);
        GC.KeepAlive(this);
    }

    /// <summary>Sets every value to the initial one: 0, or what the rule declares for a row or column
    /// state.</summary>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public void Clear()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _storage?.Clear();
        Initialize();
        IsUsed = false;
    }

    /// <summary>Writes the state's values: float32[<see cref="Length"/>], quantized or not.</summary>
    /// <param name="destination">float32[<see cref="Length"/>].</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> has another length.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public void Dequantize(Span<float> destination)
    {
        if (destination.Length != Length)
        {
            throw new ArgumentException(
                $"State '{Name}' has {Length} elements and the destination {destination.Length}; they must be equal.",
                nameof(destination));
        }

        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!IsAllocated)
        {
            destination.Fill(_initial);
            return;
        }

        Dequantize(0, destination);
    }

    /// <summary>Part of the values of a state that has memory.</summary>
    /// <param name="start">First element, at the beginning of a block.</param>
    /// <param name="destination">float32[count].</param>
    internal void Dequantize(long start, Span<float> destination)
    {
        if (!IsQuantized)
        {
            GetValues(start, destination.Length).CopyTo(destination);
            GC.KeepAlive(this);
            return;
        }

        ReadOnlySpan<float> table = Codebook.For(Codec).Values;
        ReadOnlySpan<float> absmax = GetAbsmax(start / BlockSize, (int)BlockSizes.Count(destination.Length, BlockSize));
        ReadOnlySpan<byte> codes = GetCodes(start, destination.Length);
        for (int i = 0; i < codes.Length; i++)
        {
            destination[i] = table[codes[i]] * absmax[i / BlockSize];
        }

        GC.KeepAlive(this);
    }

    /// <summary>Name, codec, length and memory.</summary>
    public override string ToString() => !IsAllocated
        ? $"{Name}: not in use with the rule's hyperparameters, 0 bytes"
        : IsQuantized
        ? $"{Name}: {Codec}[{Length}], blocks of {BlockSize}, "
            + $"{(Rounding == StateRounding.Stochastic ? "stochastic rounding, " : "")}{StateBytes} bytes"
        : $"{Name}: float32[{Length}], not quantized, {StateBytes} bytes";

    /// <summary>Allocates the state, with its initial values, unless that is done.</summary>
    internal void Allocate()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_storage is null)
        {
            _storage = _create();
            Initialize();
        }
    }

    internal void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _storage?.Dispose();
        }
    }

    /// <summary>Sets cleared memory to the initial values.</summary>
    private void Initialize()
    {
        if (_initial == 0f || _storage is null)
        {
            return;
        }

        float[] values = new float[(int)Math.Min(Length, CopyElements)];
        Array.Fill(values, _initial);
        for (long start = 0; start < Length; start += values.Length)
        {
            _storage.WriteValues(start, values.AsSpan(0, (int)Math.Min(values.Length, Length - start)));
        }
    }

    private void Require(bool quantized)
    {
        if (IsQuantized != quantized)
        {
            throw new InvalidOperationException(IsQuantized
                ? $"State '{Name}' is quantized ({Codec}): it has Codes and Absmax; use Dequantize for its values."
                : $"State '{Name}' is kept in float32: it has Values, and no codes or absmax; Dequantize serves both.");
        }
    }

    private void RequireRange(long start, int count, long available)
    {
        if (start < 0 || count < 0 || start > available - count)
        {
            throw new ArgumentOutOfRangeException(nameof(start), start,
                $"{count} elements from {start} on are not within the {available} of state '{Name}'.");
        }
    }

    private int SpanLength(long length, string alternative) => length <= int.MaxValue
        ? (int)length
        : throw new InvalidOperationException(
            $"State '{Name}' has {length} elements, more than the {int.MaxValue} that a span can hold; use " +
            $"{alternative}(start, count).");
}
