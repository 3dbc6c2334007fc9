using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Requant.Torch.Tests;

/// <summary>Optimizers share nothing: several on several threads do what each does alone.</summary>
public sealed class ThreadTests
{
    private const int Count = 8;
    private const int Steps = 25;

    [Fact]
    public void EightOptimizers_OnEightThreads_LeaveTheBitsOfOneAfterAnother()
    {
        float[][] expected = new float[Count][];
        for (int i = 0; i < Count; i++)
        {
            expected[i] = Train(i, () => { });
        }

        float[][] actual = new float[Count][];
        Exception?[] failures = new Exception?[Count];
        using var start = new Barrier(Count);
        Thread[] threads = [.. Enumerable.Range(0, Count).Select(i => new Thread(() =>
        {
            try
            {
                actual[i] = Train(i, start.SignalAndWait);
            }
            catch (Exception exception)
            {
                failures[i] = exception;
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());

        Assert.All(failures, Assert.Null);
        Assert.Equal(expected, actual);
    }

    /// <summary>The parameters and what the states stand for; every second optimizer is another rule, and each has a
    /// quantized, a float32 and a not contiguous parameter.</summary>
    private static float[] Train(int index, Action start)
    {
        using DisposeScope scope = NewDisposeScope();
        Parameter[] parameters =
            [Some.Parameter(index, 60_000), Some.Parameter(index + 50, 100), new(Some.Values(index + 90, 80, 90).t())];
        using OptimizerHelper optimizer = (index % 4) switch
        {
            0 => new Adam8bit(parameters, 0.01),
            1 => new Lamb8bit(parameters, 0.01),
            2 => new Sgd8bit(parameters, 0.01, momentum: 0.9),
            _ => new RMSProp8bit(parameters, 0.01, maximize: true),
        };
        start();
        Some.Steps(optimizer, 1000 * index, Steps);
        return [.. parameters.SelectMany(Some.Array), .. optimizer.state_dict().State.Cast<TorchParameterState>()
            .SelectMany(state => state.State.States).Where(state => state.IsAllocated).SelectMany(Values)];
    }

    private static float[] Values(QuantizedState state)
    {
        float[] values = new float[state.Length];
        state.Dequantize(values);
        return values;
    }
}
