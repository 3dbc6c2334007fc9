using Requant.Optimizers;

namespace Requant.Cli.Doctor;

/// <summary>Takes steps with 8-bit Adam at every vector width and compares the bits, which an
/// exact rule keeps.</summary>
internal static class CpuKernelCheck
{
    private const string Subject = "CPU kernels";
    private const int StepCount = 3;

    /// <summary>Several blocks, the last one ragged.</summary>
    private const int Length = 4096 + 17;

    public static Finding Run()
    {
        try
        {
            float[] expected = Train(SimdWidth.Scalar);
            SimdWidth[] wrong = [.. SimdWidths.Supported.Where(width => !SameBits(Train(width), expected))];
            return wrong.Length == 0
                ? new Finding(
                    Health.Good, Subject,
                    $"8-bit Adam gives the same bits at {string.Join(", ", SimdWidths.Supported)}")
                : Broken($"8-bit Adam at {string.Join(", ", wrong)} differs from {SimdWidth.Scalar}");
        }
        catch (Exception failure)
        {
            return Broken($"8-bit Adam fails with {failure.GetType().Name}: {failure.Message}");
        }
    }

    private static float[] Train(SimdWidth width)
    {
        var random = new Random(1);
        float[] parameter = Draw(random);
        using var adam = new Optimizer<Adam>(new Adam(), new OptimizerOptions { SimdWidth = width });
        ParameterState state = adam.Add("parameter", Length);
        for (int step = 0; step < StepCount; step++)
        {
            adam.Step(state, parameter, Draw(random));
        }

        return parameter;
    }

    private static float[] Draw(Random random) =>
        [.. Enumerable.Range(0, Length).Select(_ => random.NextSingle() - 0.5f)];

    private static bool SameBits(float[] one, float[] other) =>
        one.AsSpan().SequenceEqual(other) && one.All(float.IsFinite);

    private static Finding Broken(string value) => new(Health.Broken, Subject, value,
        "this should not happen; please report it with this table.");
}
