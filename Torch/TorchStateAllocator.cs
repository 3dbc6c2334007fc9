using TorchSharp;
using static TorchSharp.torch;

namespace Requant.Torch;

/// <summary>State memory that is torch tensors: uint8[n] for codes, int16[n] for remainders, float32 for absmax and
/// values.</summary>
/// <param name="device">Where.</param>
/// <param name="place">What gives addresses there; null for host memory.</param>
internal sealed class TorchStateAllocator(torch.Device device, TensorPlace? place) : IStateAllocator
{
    private readonly List<StateTensor> _tensors = [];

    /// <summary>What was allocated, in that order.</summary>
    public IReadOnlyList<StateTensor> Tensors => _tensors;

    /// <inheritdoc/>
    public IStateMemory Allocate(string stateName, StateMemoryKind kind, long count, byte fill)
    {
        using IDisposable noGradients = no_grad();
        ScalarType type = kind switch
        {
            StateMemoryKind.Codes => ScalarType.Byte,
            StateMemoryKind.Remainder => ScalarType.Int16,
            _ => ScalarType.Float32,
        };

        // States outlive the scope that the optimizer happens to be made in.
        Tensor tensor = full([count], fill, type, device).DetachFromDisposeScope();
        _tensors.Add(new StateTensor(stateName, kind, tensor));
        return new TensorMemory(tensor, place?.AddressOf(tensor) ?? TensorPointer.Of(tensor));
    }

    private sealed class TensorMemory(Tensor tensor, nint pointer) : IStateMemory
    {
        public nint Pointer => pointer;

        public void Dispose() => tensor.Dispose();
    }
}

/// <summary>The tensor behind one part of one state. It belongs to the optimizer: do not dispose it.</summary>
/// <param name="StateName">Name of the state in the rule; <c>remainder</c> for that of a parameter.</param>
/// <param name="Kind">What it holds.</param>
/// <param name="Tensor">uint8[n] for codes, float32[ceil(n / block size)] for absmax, float32[n] for values,
/// int16[n] for remainders.</param>
public sealed record StateTensor(string StateName, StateMemoryKind Kind, Tensor Tensor);
