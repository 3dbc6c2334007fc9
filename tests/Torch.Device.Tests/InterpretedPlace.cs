using System.Runtime.CompilerServices;
using Requant.Ptx;
using static TorchSharp.torch;

namespace Requant.Torch.Device.Tests;

/// <summary>torch's host memory as a device's: optimizers of this process run their PTX, interpreted.</summary>
internal sealed class InterpretedPlace : TensorPlace
{
    private static readonly Func<Tensor, TensorPlace> OfHost = Of;

    /// <summary>Whether all states are on the host, so that the same tests are those of
    /// <see cref="TorchOptions.StatesOn"/>.</summary>
    private static readonly bool HasStatesOnHost =
        Environment.GetEnvironmentVariable("REQUANT_STATES_ON") == "cpu";

    /// <summary>The device that stands for torch's, and another one.</summary>
    public static IReadOnlyList<InterpretedPlace> All { get; } = [new InterpretedPlace(), new InterpretedPlace()];

    public InterpretedCuda Cuda { get; } = new();

    public override Requant.Device Device => HasStatesOnHost ? Cuda.Device.WithStatesOnHost() : Cuda.Device;

    public override nint AddressOf(Tensor tensor)
    {
        nint address = TensorPointer.Of(tensor);
        Cuda.Map(address, tensor.NumberOfElements * tensor.ElementSize);
        return address;
    }

    /// <summary>What an action gives where tensors are the processor's.</summary>
    public static T OnHost<T>(Func<T> action) => With(OfHost, action);

    /// <summary>What an action gives where tensors with a first dimension of 1, 2 and so on more than a multiple of 3
    /// are on three devices, the processor among them.</summary>
    public static T OnThree<T>(Func<T> action) => With(
        tensor => (tensor.shape[0] % 3) switch { 0 => OfHost(tensor), 1 => All[0], _ => All[1] }, action);

    [ModuleInitializer]
    internal static void Begin()
    {
        _ = OfHost;
        Of = static _ => All[0];
    }

    private static T With<T>(Func<Tensor, TensorPlace> of, Func<T> action)
    {
        Func<Tensor, TensorPlace> before = Of;
        Of = of;
        try
        {
            return action();
        }
        finally
        {
            Of = before;
        }
    }
}
