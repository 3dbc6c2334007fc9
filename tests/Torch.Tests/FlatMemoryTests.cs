using System.Diagnostics;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Requant.Torch.Tests;

/// <summary>Steps leave nothing behind, in managed or in native memory: 200 steps over 200 tensors of
/// 8192 elements.</summary>
/// <remarks>
/// With the environment variable <c>REQUANT_LONG=1</c> it is 500 steps over 200 tensors of 80,000:
/// <code>
/// REQUANT_LONG=1 dotnet run -c Release --project tests/Torch.Tests -- \
///     -class Requant.Torch.Tests.FlatMemoryTests -showliveoutput
/// </code>
/// </remarks>
public sealed class FlatMemoryTests
{
    private const int Tensors = 200;

    /// <summary>Managed memory after a full collection; the runtime and xUnit keep some of their own.</summary>
    private const long ManagedGrowthTolerance = 1 << 20;

    /// <summary>Resident memory has the garbage of a collection that has not come yet: some steps' wrappers of
    /// gradients, and heaps that the runtime keeps. A copy of every gradient left behind would be 1.3 GB.</summary>
    private const long ResidentGrowthTolerance = 32 << 20;

    private static bool IsLong => Requant.Tests.LongRun.IsAskedFor;

    private static int Steps => IsLong ? 500 : 200;

    private static int Length => IsLong ? 80_000 : 8192;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Steps_OverManyTensors_KeepMemoryFlat(bool maximize)
    {
        Parameter[] parameters = [.. Enumerable.Range(0, Tensors).Select(i => Some.Parameter(i, Length))];
        foreach ((int i, Parameter parameter) in parameters.Index())
        {
            Some.SetGradient(parameter, 1000 + i);
        }

        // As from a model, enumerated at every step.
        using var optimizer = new Adam8bit(
            parameters.Where(parameter => parameter.requires_grad), lr: 1e-4, maximize: maximize);
        Run(optimizer, Steps / 10);
        (long Managed, long Resident) before = Memory();
        Stopwatch watch = Stopwatch.StartNew();

        Run(optimizer, Steps);

        watch.Stop();
        (long Managed, long Resident) after = Memory();
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{Steps} steps over {Tensors} x {Length}, maximize {maximize}: "
            + $"{watch.Elapsed.TotalMilliseconds / Steps:0.0} ms a step; managed {before.Managed >> 10} to "
            + $"{after.Managed >> 10} KiB, resident {before.Resident >> 20} to {after.Resident >> 20} MiB; "
            + $"states {optimizer.StateBytes >> 20} MiB");
        Assert.InRange(after.Managed - before.Managed, long.MinValue, ManagedGrowthTolerance);
        Assert.InRange(after.Resident - before.Resident, long.MinValue, ResidentGrowthTolerance);
        Array.ForEach(parameters, parameter => parameter.Dispose());
    }

    private static void Run(Adam8bit optimizer, int steps)
    {
        for (int step = 0; step < steps; step++)
        {
            optimizer.step();
        }
    }

    private static (long Managed, long Resident) Memory()
    {
        for (int i = 0; i < 2; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        long managed = GC.GetTotalMemory(forceFullCollection: true);
        using Process process = Process.GetCurrentProcess();
        return (managed, process.WorkingSet64);
    }
}
