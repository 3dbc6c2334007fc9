using System.Runtime.InteropServices;

namespace Requant.Testing;

/// <summary>Everything that one step left behind, as bytes: of each tensor the parameter, its states and the number of skipped
/// elements.</summary>
public sealed class Snapshot
{
    private readonly List<SnapshotField> _fields = [];

    /// <summary>What was added, in that order.</summary>
    public IReadOnlyList<SnapshotField> Fields => _fields;

    /// <summary>Adds a tensor as an optimizer left it.</summary>
    /// <param name="tensor">Position in <see cref="ConformanceCase.Lengths"/>.</param>
    /// <param name="parameter">float32[n] after the step.</param>
    /// <param name="state">Its states: codes and scales, or float32 values.</param>
    /// <param name="skipped">Elements of this tensor that the step skipped.</param>
    /// <exception cref="ArgumentNullException"><paramref name="state"/> is null.</exception>
    public void Add(int tensor, ReadOnlySpan<float> parameter, ParameterState state, long skipped)
    {
        ArgumentNullException.ThrowIfNull(state);
        Add(tensor, "parameter", ElementKind.Float32, parameter);
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

        if (state.TensorStates.Count > 0)
        {
            Add<float>(tensor, "tensor states", ElementKind.Float32, [.. state.TensorStates]);
        }

        Add<long>(tensor, "skipped elements", ElementKind.Count, [skipped]);
    }

    /// <summary>Adds any array; for backends that have no optimizer. Names and order must be those of
    /// <see cref="Add(int, ReadOnlySpan{float}, ParameterState, long)"/>.</summary>
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
        byte[] bytes = MemoryMarshal.AsBytes(values).ToArray();
        if (bytes.Length != values.Length * ElementBits.SizeOf(kind))
        {
            throw new ArgumentException($"{typeof(T).Name} is not the type of a {kind}, which has {ElementBits.SizeOf(kind)} bytes.", nameof(kind));
        }

        _fields.Add(new SnapshotField(tensor, name, kind, bytes));
    }
}

/// <summary>One array of a <see cref="Snapshot"/>.</summary>
/// <param name="Tensor">Position in <see cref="ConformanceCase.Lengths"/>.</param>
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

    /// <summary>A float32. Any NaN is as good as another: processors need not agree on their payloads.</summary>
    Float32,

    /// <summary>An int64.</summary>
    Count,
}
