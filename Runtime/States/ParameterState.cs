using System.Runtime.InteropServices;
using ILGPU.Runtime;
using Requant.CompilerServices;
using Requant.Numerics;
using Requant.States;

namespace Requant;

/// <summary>What an optimizer keeps for one parameter tensor.</summary>
public sealed class ParameterState
{
    private int _step;
    private bool _disposed;
    private int? _unusedStates;

    internal ParameterState(
        object owner, string name, long length, int blockSize, bool isQuantized, QuantizedState[] states,
        IReadOnlyList<TensorStateInfo> tensorStates, long[]? shape = null, long start = 0, long? wholeLength = null)
    {
        Start = start;
        WholeLength = wholeLength ?? length;
        Owner = owner;
        Name = name;
        NameHash = RoundingKey.OfName(name);
        Length = length;
        Shape = shape;
        Rows = shape is { Length: > 1 } ? shape[0] : 1;
        Columns = shape is { Length: > 1 } ? Product(shape.AsSpan(1)) : WholeLength;
        BlockSize = blockSize;
        IsQuantized = isQuantized;
        States = new StateCollection(states);
        Action forget = () => _unusedStates = null;
        Array.ForEach(states, state => state.UseChanged = forget);
        TensorStates = new TensorStateCollection(tensorStates);
    }

    /// <summary>Name given to <c>Add</c>.</summary>
    public string Name { get; }

    /// <summary>Elements of the tensor.</summary>
    public long Length { get; }

    /// <summary>Its dimensions; null where it was added with its length alone.</summary>
    public IReadOnlyList<long>? Shape { get; }

    /// <summary>Rows of the tensor as a matrix: its first dimension, where it has two or more; 1 otherwise.</summary>
    public long Rows { get; }

    /// <summary>Columns of the tensor as a matrix: elements of a row.</summary>
    public long Columns { get; }

    /// <summary>Whether it has two dimensions or more, and more than one row and one column.</summary>
    public bool IsMatrix => Rows > 1 && Columns > 1;

    /// <summary>Elements that share one absmax, and that kernels process and sum at a time.</summary>
    public int BlockSize { get; }

    /// <summary>Whether states are stored by their codecs. Otherwise all are float32: the tensor is shorter than
    /// <see cref="OptimizerOptions.MinQuantizedLength"/>, or named in
    /// <see cref="OptimizerOptions.KeepFloat32"/>.</summary>
    public bool IsQuantized { get; }

    /// <summary>The states, by position or name.</summary>
    public StateCollection States { get; }

    /// <summary>The rule's scalars of this tensor, by position or name.</summary>
    public TensorStateCollection TensorStates { get; }

    /// <summary>Updates so far. Settable for resuming from a checkpoint; the next update is number Step + 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Set to a negative value.</exception>
    public int Step
    {
        get => _step;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            _step = value;
        }
    }

    /// <summary>How the states are stored, as in <c>m: Dynamic, v: DynamicUnsigned with stochastic rounding, in
    /// blocks of 256</c>.</summary>
    public string Layout => string.Join(", ", States.Select(state =>
        $"{state.Name}: "
        + $"{state.Codec}{(state.Rounding == StateRounding.Stochastic ? " with stochastic rounding" : "")}"))
        + $", in blocks of {BlockSize}";

    /// <summary>Memory of all states, in bytes.</summary>
    public long StateBytes => States.Sum(state => state.StateBytes) + ((long)TensorStates.Count * sizeof(float))
        + (Remainder?.Bytes ?? 0);

    /// <summary>Whether it keeps the 16 bits that its bfloat16 elements lack: with
    /// <see cref="MasterWeights.Remainder16"/>, from the first step with such elements on.</summary>
    public bool HasRemainder => Remainder is { IsAllocated: true };

    /// <summary>The remainders; null without <see cref="MasterWeights.Remainder16"/>.</summary>
    internal Remainder? Remainder { get; init; }

    /// <summary>Of a part of a tensor, the first of its elements; a multiple of <see cref="BlockSize"/>.</summary>
    internal long Start { get; }

    /// <summary>Elements of the tensor that this is a part of, or all of.</summary>
    internal long WholeLength { get; }

    /// <summary>The parameter group that it is in.</summary>
    internal object Owner { get; }

    /// <summary>The ILGPU accelerator of its optimizer; null for other devices.</summary>
    internal Accelerator? Accelerator { get; set; }

    /// <summary>Its part of the keys of stochastic rounding.</summary>
    internal ulong NameHash { get; }

    /// <summary>Number of the last batch that held this, to find a state given twice without allocating.</summary>
    internal long LastBatch { get; set; }

    /// <summary>The states that no step has used yet: bit i for state i.</summary>
    internal int UnusedStates => _unusedStates ??= FindUnusedStates();

    internal long BlockCount => BlockSizes.Count(Length, BlockSize);

    /// <summary>Elements of a tensor with some dimensions.</summary>
    /// <exception cref="OverflowException">There are too many.</exception>
    internal static long Product(ReadOnlySpan<long> shape)
    {
        long product = 1;
        foreach (long dimension in shape)
        {
            product = checked(product * dimension);
        }

        return product;
    }

    /// <summary>What rules know of the tensor before a step.</summary>
    /// <param name="step">Number of the step.</param>
    /// <param name="unused">The states that no step has used: bit i for state i.</param>
    internal TensorStep Facts(int step, int unused) => new()
    {
        Step = step, UnusedStates = unused, Rows = (int)Rows, Columns = (int)Columns, IsMatrix = IsMatrix,
    };

    /// <summary>Elements that a state of the whole tensor has.</summary>
    internal long WholeLengthOf(QuantizedState state) => state.Level switch
    {
        StateLevel.Row => Rows,
        StateLevel.Column => Columns,
        _ => WholeLength,
    };

    /// <summary>Whether a rule sees the same shape in both.</summary>
    internal bool HasShapeOf(ParameterState other) => Rows == other.Rows && Columns == other.Columns;

    /// <summary>Takes step, states and tensor states of another parameter under the same rule.</summary>
    /// <param name="source">Its states are stored as these are: the same length, block size, codecs
    /// and rounding.</param>
    /// <exception cref="ArgumentException">They are not; nothing is changed.</exception>
    /// <exception cref="ObjectDisposedException">An optimizer is disposed.</exception>
    public void CopyFrom(ParameterState source)
    {
        ArgumentNullException.ThrowIfNull(source);
        bool isByLine = States.Any(state => state.Level != StateLevel.Element);
        if (Length != source.Length || Layout != source.Layout || (isByLine && !HasShapeOf(source)))
        {
            throw new ArgumentException(
                $"The states of '{source.Name}' are {source.Describe(isByLine)} elements of {source.Layout}, and those "
                + $"of '{Name}' {Describe(isByLine)} of {Layout}; they must be the same.", nameof(source));
        }

        if (source.HasRemainder && Remainder is null)
        {
            throw new ArgumentException(
                $"The states of '{source.Name}' have remainders, and those of '{Name}' none; make the optimizer with "
                + $"{nameof(MasterWeights)} = {MasterWeights.Remainder16}.", nameof(source));
        }

        for (int i = 0; i < States.Count; i++)
        {
            States[i].CopyFrom(source.States[i]);
        }

        foreach (string name in TensorStates.Names)
        {
            TensorStates[name] = source.TensorStates[name];
        }

        if (source.Remainder is Remainder remainder)
        {
            Remainder!.CopyFrom(remainder);
        }

        Step = source.Step;
    }

    /// <summary>Sets every state and remainder to 0, tensor states to their initial values, and <see cref="Step"/> to
    /// 0.</summary>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public void Reset()
    {
        foreach (QuantizedState state in States)
        {
            state.Clear();
        }

        Remainder?.Clear();
        TensorStates.Reset();
        Step = 0;
    }

    /// <summary>Allocates the remainders of a bfloat16 parameter before the first step does; does nothing without
    /// <see cref="MasterWeights.Remainder16"/>.</summary>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public void AllocateRemainder()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        Remainder?.Allocate();
    }

    /// <summary>The 16 bits that each bfloat16 element lacks: the bits of its float32 value less its own bits followed
    /// by 16 zeros.</summary>
    /// <param name="start">The first element.</param>
    /// <param name="count">Elements.</param>
    /// <returns>int16[count]: a view of host memory, or a copy of a device's.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There are no such elements.</exception>
    /// <exception cref="InvalidOperationException">There are no remainders: see <see cref="HasRemainder"/>.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public ReadOnlySpan<short> GetRemainders(long start, int count)
    {
        RequireRange(start, count);
        ObjectDisposedException.ThrowIf(_disposed, this);
        return HasRemainder
            ? MemoryMarshal.Cast<byte, short>(Remainder!.Read(start, count))
            : throw new InvalidOperationException(
                $"'{Name}' has no remainders; they are there with {nameof(MasterWeights)} = "
                + $"{MasterWeights.Remainder16} from the first step with elements of bfloat16 on.");
    }

    /// <summary>Writes the float32 values that training continues with: those of the elements, and of their remainders
    /// where there are some.</summary>
    /// <param name="parameter">bfloat16[count]: elements from <paramref name="start"/> on, as the last step left
    /// them.</param>
    /// <param name="destination">float32[count].</param>
    /// <param name="start">The first element.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There are no such elements.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer is disposed.</exception>
    public void ReadMasterWeights(ReadOnlySpan<BFloat16> parameter, Span<float> destination, long start = 0)
    {
        if (parameter.Length != destination.Length)
        {
            throw new ArgumentException(
                $"There are {parameter.Length} elements of '{Name}' and room for {destination.Length}; they must be "
                + "equal.", nameof(destination));
        }

        RequireRange(start, parameter.Length);
        ObjectDisposedException.ThrowIf(_disposed, this);
        ReadOnlySpan<short> remainders = HasRemainder ? GetRemainders(start, parameter.Length) : default;
        for (int i = 0; i < parameter.Length; i++)
        {
            int remainder = remainders.IsEmpty ? 0 : remainders[i];
            destination[i] = BitConverter.Int32BitsToSingle(Remainder16.Join(parameter[i].ToBits(), remainder));
        }

        GC.KeepAlive(this);
    }

    /// <summary>Name, length, step, memory, and whether the states are kept in float32.</summary>
    public override string ToString() =>
        $"{Name}: {Length} elements, step {Step}, {StateBytes} state bytes" +
        (IsQuantized ? $", blocks of {BlockSize}" : ", states kept in float32");

    /// <summary>Gives the states their memory that <paramref name="inUse"/> names: bit i for state i.</summary>
    internal void Allocate(int inUse)
    {
        for (int i = 0; i < States.Count; i++)
        {
            if ((inUse & (1 << i)) != 0)
            {
                States[i].Allocate();
            }
        }
    }

    /// <exception cref="ArgumentException">The length is another.</exception>
    internal void RequireLength(long length, string argument)
    {
        if (length != Length)
        {
            throw new ArgumentException(
                $"The {argument} has {length} elements and state '{Name}' {Length}; they must be equal.", argument);
        }
    }

    /// <summary>Number of the step to come.</summary>
    /// <exception cref="InvalidOperationException">There are no more numbers.</exception>
    internal int NextStep() => _step < int.MaxValue ? _step + 1 : throw new InvalidOperationException(
        $"'{Name}' has taken {_step} steps, and steps are counted in 32 bits; set its {nameof(Step)} to a smaller "
        + "number that the rule's bias correction does not see, as 1000000000.");

    /// <summary>Counts a step that is done.</summary>
    /// <param name="step">Its number.</param>
    /// <param name="firstUsed">The states that it was the first to use: bit i for state i.</param>
    /// <param name="uniforms">The tensor states' new values among others; empty where there are none.</param>
    internal void Commit(int step, int firstUsed, ReadOnlySpan<float> uniforms)
    {
        if (!uniforms.IsEmpty)
        {
            TensorStates.Update(uniforms);
        }

        for (int i = 0; firstUsed >> i != 0; i++)
        {
            States[i].IsUsed |= (firstUsed & (1 << i)) != 0;
        }

        _step = step;
    }

    internal void Dispose()
    {
        foreach (QuantizedState state in States)
        {
            state.Dispose();
        }

        Remainder?.Dispose();
        _disposed = true;
    }

    private string Describe(bool isByLine) => isByLine ? $"{Rows} x {Columns}" : $"{Length}";

    private int FindUnusedStates()
    {
        int unused = 0;
        for (int i = 0; i < States.Count; i++)
        {
            unused |= States[i].IsUsed ? 0 : 1 << i;
        }

        return unused;
    }

    private void RequireRange(long start, int count)
    {
        if (start < 0 || count < 0 || start > Length - count)
        {
            throw new ArgumentOutOfRangeException(
                nameof(start), start, $"{count} elements from {start} on are not within the {Length} of '{Name}'.");
        }
    }
}
