using System.Runtime.InteropServices;

namespace Requant.Torch;

/// <summary>Bytes of one parameter's states, read from a stream and not yet in place.</summary>
internal sealed class StateImage
{
    // A multiple of 4, so that no float32 is cut; small enough for states beyond what one array holds.
    private const int ChunkBytes = 1 << 24;

    private const byte NoMemory = 0;

    private const byte Used = 1;

    private const byte NotUsedYet = 2;

    private readonly ParameterState _parameter;
    private readonly List<(Part Part, long Start, byte[] Bytes)> _chunks = [];
    private readonly int _step;
    private readonly byte[] _uses;
    private readonly float[] _tensorStates;

    private StateImage(ParameterState parameter, int step, byte[] uses, float[] tensorStates) =>
        (_parameter, _step, _uses, _tensorStates) = (parameter, step, uses, tensorStates);

    /// <summary>What streams say of a state's use: whether it has memory, and then whether a step has used it.</summary>
    public static byte UseOf(QuantizedState state) => !state.IsAllocated ? NoMemory : state.IsUsed ? Used : NotUsedYet;

    /// <summary>Reads what <see cref="UseOf"/> gave.</summary>
    /// <exception cref="InvalidDataException">It is nothing that it gives.</exception>
    public static byte ReadUse(BinaryReader reader) => reader.ReadByte() is <= NotUsedYet and var use ? use : throw new InvalidDataException(
        "Whether a state is in use is neither yes nor no; the stream is damaged.");

    public static void Write(BinaryWriter writer, ParameterState parameter)
    {
        writer.Write(parameter.Step);
        foreach (float value in parameter.TensorStates)
        {
            writer.Write(value);
        }

        foreach (Part part in Parts(parameter, UsesOf(parameter)))
        {
            part.ForEachChunk((start, count) => writer.Write(part.Read(start, count)));
        }

        // What was read were views of its memory.
        GC.KeepAlive(parameter);
    }

    /// <summary>Reads and checks what <see cref="Write"/> wrote.</summary>
    /// <param name="reader">Where from.</param>
    /// <param name="parameter">What it is for: the parts of the image are those of this.</param>
    /// <param name="uses">What <see cref="UseOf"/> was of each state when it was written.</param>
    public static StateImage Read(BinaryReader reader, ParameterState parameter, byte[] uses)
    {
        var image = new StateImage(
            parameter, reader.ReadInt32(), uses, [.. parameter.TensorStates.Select(_ => reader.ReadSingle())]);
        if (image._step < 0)
        {
            throw new InvalidDataException($"The states of '{parameter.Name}' have step {image._step}; the stream "
                + "is damaged.");
        }

        foreach (Part part in Parts(parameter, uses))
        {
            part.ForEachChunk((start, count) =>
            {
                byte[] chunk = reader.ReadBytes(count * part.ElementSize);
                if (chunk.Length != count * part.ElementSize)
                {
                    throw new EndOfStreamException($"The stream ends within state '{part.State.Name}' of "
                        + $"'{parameter.Name}'.");
                }

                part.Check(chunk, parameter.Name);
                image._chunks.Add((part, start, chunk));
            });
        }

        return image;
    }

    /// <summary>Makes signed dynamic codes of format 1, which are the paper's, those of
    /// <see cref="Codec.Dynamic"/>.</summary>
    public void ConvertPaperDynamic()
    {
        foreach (QuantizedState state in _parameter.States.Where(state => state.Codec == Codec.Dynamic))
        {
            foreach ((_, _, byte[] scales) in ChunksOf(new Part(state, StateMemoryKind.Absmax)))
            {
                Span<float> absmax = MemoryMarshal.Cast<byte, float>(scales.AsSpan());
                foreach ((_, long start, byte[] codes) in ChunksOf(new Part(state, StateMemoryKind.Codes)))
                {
                    Span<float> some = absmax.Slice(
                        (int)(start / state.BlockSize), (int)BlockSizes.Count(codes.Length, state.BlockSize));
                    PaperDynamic.Convert(codes, some, state.BlockSize);
                }
            }
        }
    }

    private IEnumerable<(Part Part, long Start, byte[] Bytes)> ChunksOf(Part part) =>
        _chunks.Where(chunk => chunk.Part == part);

    /// <summary>Puts everything in place.</summary>
    public void Commit()
    {
        foreach ((Part part, long start, byte[] bytes) in _chunks)
        {
            part.Write(start, bytes);
        }

        TakeUses(_parameter, _uses);
        for (int i = 0; i < _tensorStates.Length; i++)
        {
            _parameter.TensorStates[i] = _tensorStates[i];
        }

        _parameter.Step = _step;
    }

    public static void Copy(ParameterState source, ParameterState destination)
    {
        byte[] uses = UsesOf(source);
        foreach ((Part from, Part to) in Parts(source, uses).Zip(Parts(destination, uses)))
        {
            from.ForEachChunk((start, count) => to.Write(start, from.Read(start, count)));
        }

        GC.KeepAlive(source);

        TakeUses(destination, uses);
        for (int i = 0; i < source.TensorStates.Count; i++)
        {
            destination.TensorStates[i] = source.TensorStates[i];
        }

        destination.Step = source.Step;

        // Their memory may be freed when they are collected, and a span does not keep it.
        GC.KeepAlive(source);
        GC.KeepAlive(destination);
    }

    private static byte[] UsesOf(ParameterState parameter) => [.. parameter.States.Select(UseOf)];

    /// <summary>A state that had no memory where the image comes from had no values but 0.</summary>
    private static void TakeUses(ParameterState parameter, byte[] uses)
    {
        for (int i = 0; i < uses.Length; i++)
        {
            if (uses[i] == NoMemory)
            {
                parameter.States[i].Clear();
            }

            parameter.States[i].IsUsed = uses[i] == Used;
        }
    }

    private static IEnumerable<Part> Parts(ParameterState parameter, byte[] uses)
    {
        foreach (QuantizedState state in parameter.States.Where((_, index) => uses[index] != NoMemory))
        {
            if (state.IsQuantized)
            {
                yield return new Part(state, StateMemoryKind.Codes);
                yield return new Part(state, StateMemoryKind.Absmax);
            }
            else
            {
                yield return new Part(state, StateMemoryKind.Values);
            }
        }
    }

    private sealed record Part(QuantizedState State, StateMemoryKind Kind)
    {
        public int ElementSize => Kind == StateMemoryKind.Codes ? sizeof(byte) : sizeof(float);

        private long Count => Kind == StateMemoryKind.Absmax ? State.BlockCount : State.Length;

        public void ForEachChunk(Action<long, int> visit)
        {
            // Whole blocks of codes, and all scales at once, so that blocks can be converted.
            int chunk = Kind switch
            {
                StateMemoryKind.Codes => ChunkBytes / State.BlockSize * State.BlockSize,
                StateMemoryKind.Absmax => int.MaxValue / ElementSize,
                _ => ChunkBytes / ElementSize,
            };
            for (long start = 0; start < Count; start += chunk)
            {
                visit(start, (int)Math.Min(chunk, Count - start));
            }
        }

        public ReadOnlySpan<byte> Read(long start, int count) => Kind switch
        {
            StateMemoryKind.Codes => State.GetCodes(start, count),
            StateMemoryKind.Absmax => MemoryMarshal.AsBytes(State.GetAbsmax(start, count)),
            _ => MemoryMarshal.AsBytes(State.GetValues(start, count)),
        };

        public void Write(long start, ReadOnlySpan<byte> bytes)
        {
            switch (Kind)
            {
                case StateMemoryKind.Codes:
                    State.SetCodes(start, bytes);
                    break;
                case StateMemoryKind.Absmax:
                    State.SetAbsmax(start, MemoryMarshal.Cast<byte, float>(bytes));
                    break;
                default:
                    State.SetValues(start, MemoryMarshal.Cast<byte, float>(bytes), verbatim: true);
                    break;
            }
        }

        public void Check(ReadOnlySpan<byte> bytes, string parameterName)
        {
            if (Kind == StateMemoryKind.Codes)
            {
                int bad = Codebook.For(State.Codec).IndexOfUnknown(bytes);
                if (bad >= 0)
                {
                    throw new InvalidDataException($"A code of state '{State.Name}' of '{parameterName}' is "
                        + $"{bytes[bad]}, which is none of those of "
                        + $"{State.Codec}; the stream is damaged.");
                }
            }

            if (Kind != StateMemoryKind.Absmax)
            {
                return;
            }

            foreach (float absmax in MemoryMarshal.Cast<byte, float>(bytes))
            {
                if (!(absmax >= 0 && float.IsFinite(absmax)))
                {
                    throw new InvalidDataException(
                        $"An absmax of state '{State.Name}' of '{parameterName}' is {absmax}; the stream is damaged.");
                }
            }
        }
    }
}
