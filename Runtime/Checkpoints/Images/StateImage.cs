using System.Runtime.InteropServices;
using Requant.Checkpoints.Safetensors;
using Requant.States;

namespace Requant.Checkpoints.Images;

/// <summary>Makes codes and scales of whole blocks those of another codec, in place.</summary>
/// <param name="codes">uint8[n].</param>
/// <param name="absmax">float32[ceil(n / <paramref name="blockSize"/>)].</param>
/// <param name="blockSize">Elements that share one absmax.</param>
internal delegate void CodeTranslation(Span<byte> codes, Span<float> absmax, int blockSize);

/// <summary>Bytes of one state, read and checked and not yet in place.</summary>
internal sealed class StateImage
{
    private const int ValuesAtATime = 1 << 18;

    private readonly List<(StateMemoryKind Kind, long Start, byte[] Bytes)> _pieces = [];

    private readonly string _parameter;

    private StateImage(QuantizedState state, string parameter) => (State, _parameter) = (state, parameter);

    /// <summary>Where the bytes belong.</summary>
    public QuantizedState State { get; }

    /// <summary>Reads tensors that are stored as the state is.</summary>
    /// <param name="state">The state.</param>
    /// <param name="parameter">Its parameter's name, for messages.</param>
    /// <param name="open">Begins to read one of its tensors.</param>
    /// <param name="elements">Elements of the tensors that come before the state's, at the beginning of a
    /// block.</param>
    /// <exception cref="CheckpointException">No state of this codec has such bytes.</exception>
    public static StateImage Verbatim(
        QuantizedState state, string parameter, Func<StateMemoryKind, TensorReader> open, long elements = 0)
    {
        var image = new StateImage(state, parameter);
        foreach (StatePart part in StatePart.Of(state))
        {
            TensorReader reader = open(part.Kind);
            int size = part.Type.Size();
            reader.Skip((part.Kind == StateMemoryKind.Absmax ? elements / state.BlockSize : elements) * size);
            StatePart.ForEachChunk(part.Count, size, (start, count) =>
            {
                byte[] bytes = new byte[count * size];
                reader.Read(bytes);
                image.Add(part.Kind, start, bytes);
            });
            reader.Finish();
        }

        return image;
    }

    /// <summary>Reads codes that mean something else in the file than here, in blocks of the state's size.</summary>
    /// <param name="state">Quantized.</param>
    /// <param name="parameter">Its parameter's name, for messages.</param>
    /// <param name="codes">uint8[elements].</param>
    /// <param name="absmax">float32[blocks], changed in place.</param>
    /// <param name="translate">Makes codes and scales of whole blocks those of the state's codec.</param>
    public static StateImage Translated(
        QuantizedState state, string parameter, TensorReader codes, float[] absmax, CodeTranslation translate)
    {
        var image = new StateImage(state, parameter);
        int chunk = ChunkOf(state);
        for (long start = 0; start < state.Length; start += chunk)
        {
            byte[] some = new byte[Math.Min(chunk, state.Length - start)];
            codes.Read(some);
            Span<float> scales =
                absmax.AsSpan((int)(start / state.BlockSize), (int)BlockSizes.Count(some.Length, state.BlockSize));
            translate(some, scales, state.BlockSize);
            image.Add(StateMemoryKind.Codes, start, some);
        }

        image.Add(StateMemoryKind.Absmax, 0, MemoryMarshal.AsBytes(absmax.AsSpan()).ToArray());
        return image;
    }

    /// <summary>Reads values and stores them as the state does: as they are, or encoded. They come from elsewhere or
    /// were stored otherwise, so that they are held to the same in both cases.</summary>
    /// <exception cref="CheckpointException">A value is not finite, or is negative where the rule
    /// declares no sign.</exception>
    public static StateImage Encoded(QuantizedState state, string parameter, IStateValues source)
    {
        var image = new StateImage(state, parameter);
        int chunk = ChunkOf(state);
        float[] values = new float[Math.Min(chunk, state.Length)];
        for (long start = 0; start < state.Length; start += chunk)
        {
            Span<float> some = values.AsSpan(0, (int)Math.Min(chunk, state.Length - start));
            source.Read(some);
            image.RequireFit(start, some);
            if (state.IsQuantized)
            {
                image.EncodeBlocks(start, some);
            }
            else
            {
                image.Add(StateMemoryKind.Values, start, MemoryMarshal.AsBytes(some).ToArray());
            }
        }

        return image;
    }

    /// <summary>Elements that are read at a time: whole blocks.</summary>
    private static int ChunkOf(QuantizedState state) => Math.Max(1, ValuesAtATime / state.BlockSize) * state.BlockSize;

    private void Add(StateMemoryKind kind, long start, byte[] bytes)
    {
        Require(State.Codec, kind, bytes, $"state '{State.Name}' of '{_parameter}'");
        _pieces.Add((kind, start, bytes));
    }

    /// <summary>Puts the bytes in place. What is in host memory cannot fail.</summary>
    public void Commit()
    {
        foreach ((StateMemoryKind kind, long start, byte[] bytes) in _pieces)
        {
            new StatePart(State, kind).Write(start, bytes);
        }
    }

    private void EncodeBlocks(long start, ReadOnlySpan<float> values)
    {
        var codebook = Codebook.For(State.Codec);
        byte[] codes = new byte[values.Length];
        float[] absmax = new float[BlockSizes.Count(values.Length, State.BlockSize)];
        for (int block = 0; block < absmax.Length; block++)
        {
            int first = block * State.BlockSize;
            int length = Math.Min(State.BlockSize, values.Length - first);
            absmax[block] = StateEncoder.Encode(values.Slice(first, length), codebook, codes.AsSpan(first, length));
        }

        Add(StateMemoryKind.Codes, start, codes);
        Add(StateMemoryKind.Absmax, start / State.BlockSize, MemoryMarshal.AsBytes(absmax.AsSpan()).ToArray());
    }

    private void RequireFit(long start, ReadOnlySpan<float> values)
    {
        int unfit = StateValues.IndexOfUnfit(values, State.IsUnsigned);
        if (unfit >= 0)
        {
            throw new CheckpointException(
                $"State '{State.Name}' of '{_parameter}' is {values[unfit]} at element {start + unfit} in the file; it "
                + $"should be {StateValues.Describe(State.IsUnsigned)}. Use a file from before the run went wrong.");
        }
    }

    /// <summary>Throws for codes that the codec lacks, and for scales that are no magnitudes.</summary>
    public static void Require(Codec codec, StateMemoryKind kind, ReadOnlySpan<byte> bytes, string what)
    {
        if (kind == StateMemoryKind.Codes)
        {
            int bad = Codebook.For(codec).IndexOfUnknown(bytes);
            if (bad >= 0)
            {
                throw new CheckpointException($"A code of {what} is {bytes[bad]}, which is none of those of {codec}.");
            }
        }

        if (kind == StateMemoryKind.Absmax)
        {
            ReadOnlySpan<float> absmax = MemoryMarshal.Cast<byte, float>(bytes);
            int unfit = StateValues.IndexOfUnfitAbsmax(absmax);
            if (unfit >= 0)
            {
                throw new CheckpointException($"An absmax of {what} is {absmax[unfit]}; it is 0 or more and finite.");
            }
        }
    }
}
