using System.Diagnostics;
using Requant.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Requant.Bench.TorchTensors;

/// <summary>What a step takes, from one to the next.</summary>
internal static class StepTimes
{
    private const int Tensors = 500;
    private const long Elements = 80 * 1024;
    private const int WarmUp = 20;
    private const int Steps = 100;

    /// <summary>Times 8-bit AdamW beside TorchSharp's, of bfloat16.</summary>
    /// <param name="device">A GPU.</param>
    /// <param name="output">Gets a line for each.</param>
    public static void Run(TorchSharp.torch.Device device, TextWriter output)
    {
        Time("AdamW8bit", parameters => new AdamW8bit(parameters));
        Time("AdamW8bit, states on the host", parameters => new AdamW8bit(
            parameters, options: new TorchOptions { StatesOn = DeviceType.CPU }));
        Time("TorchSharp's AdamW", parameters => optim.AdamW(parameters));

        void Time(string name, Func<Parameter[], OptimizerHelper> make)
        {
            using DisposeScope scope = NewDisposeScope();
            Parameter[] parameters =
            [
                .. Enumerable.Range(0, Tensors)
                    .Select(_ => new Parameter(randn([Elements], ScalarType.BFloat16, device))),
            ];
            Array.ForEach(parameters, parameter => parameter.grad = randn_like(parameter));
            using OptimizerHelper optimizer = make(parameters);
            Take(optimizer, parameters, WarmUp);
            long start = Stopwatch.GetTimestamp();
            Take(optimizer, parameters, Steps);
            double milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds / Steps;
            output.WriteLine($"{name}: {milliseconds:F3} ms a step, {Tensors} tensors of {Elements} bfloat16 elements");
        }
    }

    /// <summary>Takes steps, and waits until the last one is done.</summary>
    private static void Take(OptimizerHelper optimizer, Parameter[] parameters, int steps)
    {
        for (int step = 0; step < steps; step++)
        {
            optimizer.step();
        }

        _ = parameters[^1].detach().to(CPU)[0].to(ScalarType.Float32).item<float>();
    }
}
