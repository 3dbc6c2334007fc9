using Requant.Torch.Tests;
using TorchSharp;
using TorchSharp.Modules;

namespace Requant.Torch.Device.Tests;

/// <summary>A step on a device has the bits of the processor's, and takes no more of the driver
/// than it needs.</summary>
public sealed class DeviceStepTests
{
    private static readonly TorchOptions Quantized = new() { MinQuantizedLength = 0 };

    private static readonly TorchOptions OnHost = Quantized with { StatesOn = DeviceType.CPU };

    public static TheoryData<string> Ways => [.. Makers.Keys];

    private static Dictionary<string, Func<Parameter[], OptimizerHelper>> Makers { get; } = new()
    {
        ["Adam"] = parameters => new Adam8bit(parameters, options: Quantized),
        ["Adam, amsgrad, maximize"] = parameters =>
            new Adam8bit(parameters, amsgrad: true, maximize: true, options: Quantized),
        ["AdamW, clipped"] = parameters =>
            new AdamW8bit(parameters, weight_decay: 0.1, options: Quantized with { MaxGradientNorm = 0.5f }),
        ["SGD, momentum"] = parameters => new Sgd8bit(parameters, 0.1, momentum: 0.9, options: Quantized),
        ["Lamb, float32 states"] = parameters => new Lamb8bit(parameters),
        ["Adam, states on the host"] = parameters => new Adam8bit(parameters, options: OnHost),
        ["Lamb, clipped, states on the host"] = parameters =>
            new Lamb8bit(parameters, options: OnHost with { MaxGradientNorm = 0.5f }),
        ["AdamW, long tensors on the host"] = parameters =>
            new AdamW8bit(parameters, options: OnHost with { MinQuantizedLength = 600, MaxGradientNorm = 0.5f }),
        ["Lion, skipped steps"] = parameters =>
            new Lion8bit(parameters, options: Quantized with { NonFinite = NonFinitePolicy.SkipStep }),
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public void Steps_OnADevice_HaveTheBitsOfTheProcessor(string way)
    {
        byte[] expected = InterpretedPlace.OnHost(() => Train(way));

        Assert.Equal(expected, Train(way));
    }

    /// <summary>Also where one norm clips the gradients of all devices.</summary>
    [Theory]
    [MemberData(nameof(Ways))]
    public void Steps_OnThreeDevicesAtOnce_HaveTheBitsOfTheProcessor(string way)
    {
        byte[] expected = InterpretedPlace.OnHost(() => Train(way));

        Assert.Equal(expected, InterpretedPlace.OnThree(() => Train(way)));
    }

    /// <summary>A gradient that is not finite on one device skips the step on all.</summary>
    [Fact]
    public void Step_NotFiniteOnOneOfThreeDevices_IsSkippedOnAll() => InterpretedPlace.OnThree(() =>
    {
        Parameter[] parameters = Parameters();
        using var lion = new Lion8bit(parameters, options: Quantized with { NonFinite = NonFinitePolicy.SkipStep });
        Some.Steps(lion, 1, 1);
        byte[] before = Bits(lion);
        foreach ((int index, Parameter parameter) in parameters.Index())
        {
            Some.SetGradient(parameter, index);
        }

        parameters[2].grad![0] = float.NaN;
        lion.step();

        Assert.True(lion.LastStepSkipped);
        Assert.Equal(1, lion.SkippedSteps);
        Assert.Equal(before, Bits(lion));
        return true;
    });

    [Fact]
    public void Step_OfManyTensors_IsOneLaunchAndWaitsForNothing()
    {
        Parameter[] parameters = Parameters();
        using var adam = new Adam8bit(parameters, options: Quantized);
        Some.Steps(adam, 1, 1);
        int launches = InterpretedPlace.All[0].Cuda.LaunchCount;
        int calls = InterpretedPlace.All[0].Cuda.Calls.Count;

        Some.Steps(adam, 2, 1);

        Assert.Equal(1, InterpretedPlace.All[0].Cuda.LaunchCount - launches);
        Assert.DoesNotContain(
            InterpretedPlace.All[0].Cuda.Calls.Skip(calls), call => call is "cuMemcpyDtoH" or "cuStreamSynchronize");
    }

    /// <summary>The device keeps short tensors, and has nothing of the others but their parameters.</summary>
    [Fact]
    public void StatesOn_TheHost_AreThoseOfLongTensors()
    {
        Parameter[] parameters = Parameters();
        using var adam = new Adam8bit(parameters, options: OnHost with { MinQuantizedLength = 600 });
        int launches = InterpretedPlace.All[0].Cuda.LaunchCount;
        int calls = InterpretedPlace.All[0].Cuda.Calls.Count;

        Some.Steps(adam, 1, 1);

        Assert.Equal(1, InterpretedPlace.All[0].Cuda.LaunchCount - launches);
        string[] copies = [.. InterpretedPlace.All[0].Cuda.Calls.Skip(calls)];
        Assert.Equal(2, copies.Count(call => call == "cuMemcpyDtoHAsync"));
        Assert.True(adam.States[0].State.IsQuantized);
        Assert.False(adam.States[1].State.IsQuantized);
    }

    [Fact]
    public void StatesOn_AnotherGpu_IsRefused() => Assert.Throws<ArgumentOutOfRangeException>(
        () => new Adam8bit(Parameters(), options: new TorchOptions { StatesOn = DeviceType.CUDA }));

    /// <summary>Saved on one device and loaded on the other, both ways.</summary>
    [Fact]
    public void Checkpoint_OfOneDevice_GoesOnOnTheOther()
    {
        string file = Path.GetTempFileName();
        using Adam8bit onDevice = new(Parameters(), options: Quantized);
        using Adam8bit onHost = InterpretedPlace.OnHost(() => new Adam8bit(Parameters(), options: Quantized));
        Some.Steps(onDevice, 1, 2);
        Some.Steps(onHost, 1, 2);

        onDevice.SaveCheckpoint(file);
        onHost.LoadCheckpoint(file);
        onHost.SaveCheckpoint(file);
        onDevice.LoadCheckpoint(file);
        Some.Steps(onDevice, 9, 2);
        Some.Steps(onHost, 9, 2);

        Assert.Equal(Bits(onHost), Bits(onDevice));
        File.Delete(file);
    }

    private static byte[] Train(string way)
    {
        using OptimizerHelper optimizer = Makers[way](Parameters());
        Some.Steps(optimizer, 1, 3);
        return Bits(optimizer);
    }

    /// <summary>Whole and ragged blocks, one element, and none.</summary>
    private static Parameter[] Parameters() =>
        [Some.Parameter(1, 700), Some.Parameter(2, 17, 16), Some.Parameter(3, 1), Some.Parameter(4, 0)];

    private static byte[] Bits(OptimizerHelper optimizer) =>
    [
        .. optimizer.state_dict().State.Cast<TorchParameterState>()
            .SelectMany(state => state.Tensors.Select(one => one.Tensor).Prepend(state.Parameter.detach()))
            .SelectMany(tensor => tensor.bytes.ToArray()),
    ];
}
