using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

// Seeds and counts of tensors are the process's.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace Requant.Torch.Tests;

/// <summary>Tensors for tests.</summary>
internal static class Some
{
    /// <summary>Long enough to be quantized, and not a multiple of the block size.</summary>
    public const int QuantizedLength = 5000;

    /// <summary>Normally distributed values that depend on the seed alone.</summary>
    public static Tensor Values(int seed, params long[] shape)
    {
        using var generator = new Generator((ulong)seed);
        return randn(shape, generator: generator);
    }

    public static Parameter Parameter(int seed, params long[] shape) => new(Values(seed, shape));

    public static float[] Array(Tensor tensor) => tensor.detach().contiguous().data<float>().ToArray();

    /// <summary>Asserts that no element differs by more than the tolerance, times its magnitude where that is above
    /// 1.</summary>
    public static void AssertClose(Tensor expected, Tensor actual, double tolerance)
    {
        Assert.Equal(expected.shape, actual.shape);
        float[] wanted = Array(expected);
        float[] found = Array(actual);
        for (int i = 0; i < wanted.Length; i++)
        {
            Assert.True(Math.Abs((double)wanted[i] - found[i]) <= tolerance * Math.Max(1, Math.Abs(wanted[i])),
                $"Element {i} is {found[i]:R}, and {wanted[i]:R} was expected.");
        }
    }

    /// <summary>The states of an optimizer of any rule, not a copy of them.</summary>
    public static IReadOnlyList<TorchParameterState> States(OptimizerHelper optimizer) =>
        (IReadOnlyList<TorchParameterState>)optimizer.GetType()
            .GetProperty(nameof(TorchOptimizer<HeavyBall>.States))!.GetValue(optimizer)!;

    /// <summary>Gives a parameter a gradient that depends on the seed alone.</summary>
    public static void SetGradient(Parameter parameter, int seed) => parameter.grad = Values(seed, parameter.shape);

    /// <summary>Takes steps with gradients that depend on the seed and the step.</summary>
    public static void Steps(OptimizerHelper optimizer, int firstSeed, int count)
    {
        for (int step = 0; step < count; step++)
        {
            foreach ((int index, Parameter parameter) in optimizer.parameters().Index())
            {
                SetGradient(parameter, firstSeed + (1000 * step) + index);
            }

            optimizer.step();
        }
    }

    /// <summary>Torch on so many threads, until it is disposed.</summary>
    public static IDisposable Threads(int count)
    {
        int before = get_num_threads();
        set_num_threads(count);
        return new Undo(() => set_num_threads(before));
    }

    private sealed class Undo(Action action) : IDisposable
    {
        public void Dispose() => action();
    }
}
