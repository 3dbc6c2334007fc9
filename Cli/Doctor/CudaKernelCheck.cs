using Requant.Devices.Driver;
using Requant.Optimizers;

namespace Requant.Cli.Doctor;

/// <summary>Takes steps with 8-bit Adam on a CUDA device and compares the bits with those of the processor.</summary>
internal static class CudaKernelCheck
{
    private const int StepCount = 3;

    /// <summary>Several blocks, the last one ragged.</summary>
    private const int Length = 4096 + 17;

    private const int Seed = 1;

    /// <summary>A device without results is no reason for the doctor to fail: the processor serves.</summary>
    public static Finding Run(ICudaDriver driver, int ordinal)
    {
        string subject = $"CUDA kernels {ordinal}";
        try
        {
            return TrainOnDevice(Device.Cuda(driver, ordinal)).AsSpan().SequenceEqual(TrainOnCpu())
                ? new Finding(Health.Good, subject, "8-bit Adam gives the bits of the processor")
                : new Finding(
                    Health.Broken, subject, "8-bit Adam differs from the processor's",
                    "this should not happen; please report it with this table.");
        }
        catch (CudaException failure)
        {
            return new Finding(Health.Missing, subject, failure.Message, "use Device.Cpu until it is mended.");
        }
    }

    private static float[] TrainOnCpu()
    {
        var random = new Random(Seed);
        float[] parameter = Draw(random);
        using var adam = new Optimizer<Adam>(new Adam(), new OptimizerOptions { SimdWidth = SimdWidth.Scalar });
        ParameterState state = adam.Add("parameter", Length);
        for (int step = 0; step < StepCount; step++)
        {
            adam.Step(state, parameter, Draw(random));
        }

        return parameter;
    }

    private static float[] TrainOnDevice(Device device)
    {
        var random = new Random(Seed);
        CudaContext context = device.Context!;
        using CudaBuffer parameter = context.Allocate(Length * sizeof(float));
        using CudaBuffer gradient = context.Allocate(Length * sizeof(float));
        using var adam = new Optimizer<Adam>(new Adam(), new OptimizerOptions { Device = device });
        var update = new TensorUpdate(adam.Add("parameter", Length), (nint)parameter.Address, (nint)gradient.Address);
        context.CopyToDevice<float>(parameter.Address, Draw(random));
        for (int step = 0; step < StepCount; step++)
        {
            context.CopyToDevice<float>(gradient.Address, Draw(random));
            adam.Step(update);
        }

        var result = new float[Length];
        context.CopyToHost(result.AsSpan(), parameter.Address);
        return result;
    }

    private static float[] Draw(Random random) =>
        [.. Enumerable.Range(0, Length).Select(_ => random.NextSingle() - 0.5f)];
}
