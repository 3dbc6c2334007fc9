using System.Runtime.InteropServices;
using Requant.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Requant.Bench.TorchTensors;

/// <summary>Trains the same parameters on a device and on the CPU, and compares parameters and states bit for
/// bit.</summary>
internal static class TensorChecks
{
    private const int Steps = 4;

    /// <summary>Whole and ragged blocks, one element, and enough for several groups of threads.</summary>
    private static readonly long[][] Shapes = [[700], [17, 16], [1], [50_003], [300, 256]];

    private static readonly Dictionary<string, Func<Parameter[], TorchOptions, OptimizerHelper>> Makers = new()
    {
        ["Adam8bit"] = (parameters, options) => new Adam8bit(parameters, options: options),
        ["AdamW8bit, amsgrad"] = (parameters, options) =>
            new AdamW8bit(parameters, weight_decay: 0.1, amsgrad: true, options: options),
        ["Sgd8bit, momentum"] = (parameters, options) =>
            new Sgd8bit(parameters, 0.1, momentum: 0.9, options: options),
        ["RMSProp8bit"] = (parameters, options) => new RMSProp8bit(parameters, options: options),
        ["Lamb8bit"] = (parameters, options) => new Lamb8bit(parameters, options: options),
        ["Lion8bit"] = (parameters, options) => new Lion8bit(parameters, options: options),
    };

    private static readonly Dictionary<string, TorchOptions> Options = new()
    {
        ["plain"] = new TorchOptions { MinQuantizedLength = 0 },
        ["clipped"] = new TorchOptions { MinQuantizedLength = 0, MaxGradientNorm = 0.5f },
        ["skipping"] = new TorchOptions { NonFinite = NonFinitePolicy.SkipStep },
        ["stochastic states"] = new TorchOptions
        {
            MinQuantizedLength = 0, StateRounding = StateRounding.Stochastic, RoundingSeed = 7,
        },
        ["remainders"] = new TorchOptions
        {
            MinQuantizedLength = 0, MasterWeights = MasterWeights.Remainder16,
        },
        ["states on the host"] = new TorchOptions { StatesOn = DeviceType.CPU, MaxGradientNorm = 0.5f },
    };

    /// <summary>Runs all checks.</summary>
    /// <param name="device">What is compared with the CPU.</param>
    /// <param name="output">Gets a line for each.</param>
    /// <returns>Whether all bits are equal.</returns>
    public static bool Run(TorchSharp.torch.Device device, TextWriter output)
    {
        int equal = 0;
        int all = 0;
        foreach ((string name, Func<Parameter[], TorchOptions, OptimizerHelper> make) in Makers)
        {
            foreach ((string kind, TorchOptions options) in Options)
            {
                foreach (ScalarType type in (ScalarType[])[ScalarType.Float32, ScalarType.BFloat16])
                {
                    string result = Compare(make, options, type, device);
                    output.WriteLine($"{name}, {kind}, {type}: {result}");
                    equal += result == "equal" ? 1 : 0;
                    all++;
                }
            }
        }

        output.WriteLine($"{equal} of {all} checks leave the bits of the CPU");
        return equal == all;
    }

    private static string Compare(
        Func<Parameter[], TorchOptions, OptimizerHelper> make, TorchOptions options, ScalarType type,
        TorchSharp.torch.Device device)
    {
        try
        {
            byte[] expected = Train(make, options, type, CPU);
            byte[] found = Train(make, options, type, device);
            int same = expected.AsSpan().CommonPrefixLength(found);
            return expected.AsSpan().SequenceEqual(found)
                ? "equal"
                : $"different from byte {same} of {expected.Length} on";
        }
        catch (Exception exception) when (exception is ExternalException or CudaException or InvalidOperationException
            or EntryPointNotFoundException)
        {
            return $"not run: {exception.Message}";
        }
    }

    /// <summary>Everything after some steps. Gradients are freed as soon as a step is asked for, so that their memory
    /// is taken again while it is under way.</summary>
    private static byte[] Train(
        Func<Parameter[], TorchOptions, OptimizerHelper> make, TorchOptions options, ScalarType type,
        TorchSharp.torch.Device device)
    {
        using DisposeScope scope = NewDisposeScope();
        Parameter[] parameters =
            [.. Shapes.Select((shape, i) => new Parameter(Values(i, shape).to(type).to(device)))];
        using OptimizerHelper optimizer = make(parameters, options);
        for (int step = 0; step < Steps; step++)
        {
            for (int i = 0; i < parameters.Length; i++)
            {
                parameters[i].grad = Values(100 + (10 * step) + i, Shapes[i]).to(type).to(device);
            }

            optimizer.step();
            Array.ForEach(parameters, parameter => parameter.grad = null);
        }

        return
        [
            .. parameters.SelectMany(parameter => parameter.detach().to(CPU).bytes.ToArray()),
            .. optimizer.state_dict().State.Cast<TorchParameterState>()
                .SelectMany(state => state.Tensors).SelectMany(one => one.Tensor.bytes.ToArray()),
        ];
    }

    private static Tensor Values(int seed, long[] shape)
    {
        using var generator = new Generator((ulong)seed);
        return randn(shape, generator: generator);
    }
}
