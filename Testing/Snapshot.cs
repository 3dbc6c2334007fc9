using System.Runtime.InteropServices;

namespace Requant.Testing;

/// <summary>Everything that one step left behind, as bytes: of each tensor the parameter and its states, and the number
/// of skipped elements.</summary>
public sealed class Snapshot
{
    /// <summary>Name of the field that holds a tensor's parameter.</summary>
    internal const string ParameterName = "parameter";

    /// <summary>In the place of a tensor: the field belongs to all of them.</summary>
    internal const int WholeStep = -1;

    private readonly List<SnapshotField> _fields = [];

    /// <summary>What was added, in that order.</summary>
    public IReadOnlyList<SnapshotField> Fields => _fields;

    /// <summary>Adds a tensor as an optimizer left it.</summary>
    /// <param name="tensor">Position in <see cref="ConformanceCase.Lengths"/>.</param>
    /// <param name="type">What the parameter's elements are.</param>
    /// <param name="parameter"><paramref name="type"/>[n] after the step, in the machine's byte order; copied.</param>
    /// <param name="state">Its states: codes and scales, or float32 values; and its tensor states.</param>
    /// <exception cref="ArgumentNullException"><paramref name="state"/> is null.</exception>
    public void Add(int tensor, ElementType type, ReadOnlySpan<byte> parameter, ParameterState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        AddBytes(tensor, ParameterName, ElementBits.KindOf(type), parameter);
        foreach (QuantizedState one in state.States.Where(one => one.IsAllocated))
        {
            if (one.IsQuantized)
            {
                Add(tensor, $"codes of state {one.Name}", ElementKind.Code, one.Codes);
                Add(tensor, $"absmax of state {one.Name}", ElementKind.Float32, one.Absmax);
            }
            else
            {
                Add(tensor, $"state {one.Name}", ElementKind.Float32, one.Values);
            }
        }

        if (state.HasRemainder)
        {
            Add(tensor, "remainders", ElementKind.Remainder, state.GetRemainders(0, checked((int)state.Length)));
        }

        if (state.TensorStates.Count > 0)
        {
            Add<float>(tensor, "tensor states", ElementKind.Float32, [.. state.TensorStates]);
        }
    }

    /// <summary>Adds the number of elements that the step skipped, of all tensors together; last.</summary>
    /// <param name="count">Elements whose gradient was not finite.</param>
    public void AddSkipped(long count) => Add<long>(WholeStep, "skipped elements", ElementKind.Count, [count]);

    /// <summary>Adds what a step measured of its gradients, behind <see cref="AddSkipped"/>; nothing where it did not
    /// measure them.</summary>
    /// <param name="norm"><see cref="Optimizer{TRule}.GradientNorm"/>; compared bit for bit.</param>
    /// <param name="isSkipped"><see cref="Optimizer{TRule}.LastStepSkipped"/>.</param>
    public void AddMeasure(double? norm, bool isSkipped)
    {
        if (norm is double measured)
        {
            Add<long>(
                WholeStep, "bits of the gradients' norm", ElementKind.Count,
                [BitConverter.DoubleToInt64Bits(measured)]);
            Add<long>(WholeStep, "skipped steps", ElementKind.Count, [isSkipped ? 1 : 0]);
        }
    }

    /// <summary>Adds any array; for backends that have no optimizer. Names and order must be those of
    /// <see cref="Add(int, ElementType, ReadOnlySpan{byte}, ParameterState)"/> for each tensor, and of
    /// <see cref="AddSkipped"/>.</summary>
    /// <param name="tensor">Position in <see cref="ConformanceCase.Lengths"/>.</param>
    /// <param name="name">What the array is.</param>
    /// <param name="kind">What its elements are.</param>
    /// <param name="values">The array, copied.</param>
    /// <typeparam name="T">Type of an element.</typeparam>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty, or an element has not the size of its
    /// kind.</exception>
    public void Add<T>(int tensor, string name, ElementKind kind, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(values);
        if (bytes.Length != values.Length * ElementBits.SizeOf(kind))
        {
            throw new ArgumentException(
                $"{typeof(T).Name} is not the type of a {kind}, which has {ElementBits.SizeOf(kind)} bytes.",
                nameof(kind));
        }

        AddBytes(tensor, name, kind, bytes);
    }

    private void AddBytes(int tensor, string name, ElementKind kind, ReadOnlySpan<byte> bytes) =>
        _fields.Add(new SnapshotField(tensor, name, kind, bytes.ToArray()));
}

/// <summary>One array of a <see cref="Snapshot"/>.</summary>
/// <param name="Tensor">Position in <see cref="ConformanceCase.Lengths"/>; -1 where it belongs to
/// the whole step.</param>
/// <param name="Name">What the array is, as in <c>codes of state m</c>.</param>
/// <param name="Kind">What its elements are.</param>
/// <param name="Bytes">The elements, in the machine's byte order.</param>
public sealed record SnapshotField(int Tensor, string Name, ElementKind Kind, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>Elements of the array.</summary>
    public int Count => Bytes.Length / ElementBits.SizeOf(Kind);
}

/// <summary>What an element of a <see cref="SnapshotField"/> is.</summary>
public enum ElementKind
{
    /// <summary>A codec's code, in 1 byte.</summary>
    Code,

    /// <summary>A float32. Any NaN is as good as another: processors need not agree on the payloads that arithmetic
    /// makes. A parameter that a step skips is not touched by arithmetic, and must keep its bits.</summary>
    Float32,

    /// <summary>An int64.</summary>
    Count,

    /// <summary>A float16. Any NaN is as good as another, as for <see cref="Float32"/>.</summary>
    Float16,

    /// <summary>A bfloat16. Any NaN is as good as another, as for <see cref="Float32"/>.</summary>
    BFloat16,

    /// <summary>What a bfloat16 lacks, an int16; see <see cref="MasterWeights.Remainder16"/>.</summary>
    Remainder,
}
