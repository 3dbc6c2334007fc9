using System.Runtime.CompilerServices;
using Requant.Ptx;
using TorchSharp;
using static TorchSharp.torch;

namespace Requant.Torch.Device.Tests;

/// <summary>torch's host memory as a device's: optimizers of this process run their PTX, interpreted.</summary>
internal sealed class InterpretedPlace : TensorPlace
{
    private static readonly Func<torch.Device, TensorPlace> Host = Factory;

    /// <summary>The device that stands for torch's.</summary>
    public static InterpretedCuda Cuda { get; } = new();

    public override Requant.Device Device => Cuda.Device;

    public override nint AddressOf(Tensor tensor)
    {
        nint address = TensorPointer.Of(tensor);
        Cuda.Map(address, tensor.NumberOfElements * tensor.ElementSize);
        return address;
    }

    /// <summary>What an action gives where tensors are the processor's.</summary>
    public static T OnHost<T>(Func<T> action)
    {
        Func<torch.Device, TensorPlace> interpreted = Factory;
        Factory = Host;
        try
        {
            return action();
        }
        finally
        {
            Factory = interpreted;
        }
    }

    [ModuleInitializer]
    internal static void Begin()
    {
        _ = Host;
        Factory = static _ => new InterpretedPlace();
    }
}
