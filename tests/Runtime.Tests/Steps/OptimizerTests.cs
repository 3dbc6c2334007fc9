using Requant.Runtime.Tests.Support;

namespace Requant.Runtime.Tests.Steps;

public class OptimizerTests
{
    /// <summary>Steps before counting: buffers grow, delegates are cached, the pool starts its threads.</summary>
    private const int WarmUpSteps = 20;

    private const int CountedSteps = 20;

    /// <summary>Steps are counted this often, and the least counts: a request for a pool thread can make the pool start
    /// one, and then it allocates on the thread that asks. What steps allocate they allocate every time.</summary>
    private const int Windows = 5;

    private const int ManySteps = 300;

    [Fact]
    public void Example_FromTheDesign_Works()
    {
        float[] weights = [.. Enumerable.Repeat(1f, 10_000)];
        float[] gradients = [.. Enumerable.Repeat(0.5f, 10_000)];

        var adam = new Optimizer<Adam>(new Adam { Lr = 1e-3f });
        ParameterState w = adam.Add("w", weights.Length);
        adam.Step(w, weights, gradients);
        adam.Rule = adam.Rule with { Lr = 5e-4f };
        ReadOnlySpan<byte> codes = w.States["m"].Codes;

        Assert.Equal(10_000, codes.Length);
        Assert.Equal(255, codes[0]);
        Assert.Equal(0.05f, w.States["m"].Absmax[0], 1e-6f);
        Assert.Equal(0.999f, weights[0], 1e-6f);
        Assert.Equal(1, w.Step);
        adam.Step(w, weights, gradients);
        Assert.Equal(0.9985f, weights[0], 1e-6f);
        Assert.Equal(2, w.Step);
        adam.Dispose();
    }

    [Fact]
    public void Step_GradientNotFinite_KeepsParameterAndCounts()
    {
        using var adam = new Optimizer<Adam>(new Adam());
        ParameterState w = adam.Add("w", 20);
        float[] weights = [.. Enumerable.Repeat(1f, 20)];
        float[] gradients = [.. Enumerable.Repeat(1f, 20)];
        gradients[3] = float.NaN;
        gradients[19] = float.NegativeInfinity;

        adam.Step(w, weights, gradients);

        Assert.Equal(2, adam.LastStepSkippedElements);
        Assert.Equal((1f, 0f), (weights[3], w.States["m"].Values[3]));
        Assert.Equal((1f, 0f), (weights[19], w.States["v"].Values[19]));
        Assert.All(Enumerable.Range(0, 3), i => Assert.NotEqual(1f, weights[i]));
        adam.Step(w, weights, new float[20]);
        Assert.Equal((0L, 2L), (adam.LastStepSkippedElements, adam.SkippedElements));
    }

    [Fact]
    public void Step_OneByOne_GivesBitsOfBatch()
    {
        var workload = new Workload(11, withBadGradients: true, 0, 7, 5003, 300);
        Snapshot batched = workload.RunOnCpu(new Lamb(), new OptimizerOptions());
        using var optimizer = new Optimizer<Lamb>(new Lamb());
        float[][] parameters = workload.Parameters();
        for (int i = 0; i < parameters.Length; i++)
        {
            optimizer.Add($"tensor{i}", parameters[i].Length);
        }

        for (int step = 0; step < Workload.Steps; step++)
        {
            float[][] gradients = workload.Gradients(step);
            for (int i = 0; i < parameters.Length; i++)
            {
                optimizer.Step(optimizer.Parameters[i], parameters[i], gradients[i]);
            }
        }

        batched.AssertSameBits(Snapshot.Of(optimizer, parameters), "one by one");
    }

    [Fact]
    public void Step_Lamb_ScalesByTheTrustRatio()
    {
        using var lamb = new Optimizer<Lamb>(new Lamb { Lr = 0.1f });
        ParameterState w = lamb.Add("w", 64);
        float[] weights = [.. Enumerable.Repeat(3f, 64)];

        lamb.Step(w, weights, Enumerable.Repeat(0.25f, 64).ToArray());

        // Bias correction makes the first update 1 everywhere; ||p|| / ||update|| is 3, so p loses a tenth.
        Assert.Equal(2.7f, weights[0], 1e-5f);
    }

    [Fact]
    public void Step_Resumed_ContinuesBiasCorrection()
    {
        using var adam = new Optimizer<Adam>(new Adam { Lr = 1f, Eps = 0f });
        ParameterState w = adam.Add("w", 1);
        w.Step = 1;
        float[] weights = [0f];

        adam.Step(w, weights, [1f]);

        Assert.Equal(2, w.Step);
        Assert.Equal(-0.1f / 0.19f / MathF.Sqrt(0.001f / 0.001999f), weights[0], 1e-3f);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Step_AfterWarmUp_AllocatesNothing(int threads)
    {
        var options = new OptimizerOptions { MaxThreads = threads };
        using var adam = new Optimizer<Adam>(new Adam(), options);
        using var lamb = new Optimizer<Lamb>(new Lamb(), options);
        float[][] parameters = [new float[100_000], new float[10], new float[30_000]];
        foreach (float[] parameter in parameters)
        {
            adam.Add($"w{parameter.Length}", parameter.Length);
            lamb.Add($"w{parameter.Length}", parameter.Length);
        }

        using var adamBatch = new PinnedBatch(adam.Parameters, parameters, parameters);
        using var lambBatch = new PinnedBatch(lamb.Parameters, parameters, parameters);
        RunSteps(WarmUpSteps);

        Assert.Equal(0, Enumerable.Range(0, Windows).Min(_ => Allocated()));

        long Allocated()
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            RunSteps(CountedSteps);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        void RunSteps(int count)
        {
            for (int i = 0; i < count; i++)
            {
                adam.Step(adamBatch.Updates);
                lamb.Step(lambBatch.Updates);
                adam.Step(adam.Parameters[0], parameters[0], parameters[0]);
            }
        }
    }

    [Fact]
    public void Step_ManyShortStepsOnManyThreads_GivesBitsOfOneThread()
    {
        // Passes of a few chunks, over and over: pool threads keep arriving late, in a later phase or step.
        Assert.Equal(Run(threads: 1), Run(threads: 8));

        static float[] Run(int threads)
        {
            using var lamb = new Optimizer<Lamb>(
                new Lamb { WeightDecay = 0.1f }, new OptimizerOptions { MaxThreads = threads });
            ParameterState w = lamb.Add("w", 70_000);
            float[] weights = [.. Enumerable.Range(0, 70_000).Select(i => MathF.Sin(i))];
            float[] gradients = [.. weights.Select(weight => weight * weight)];
            for (int step = 0; step < ManySteps; step++)
            {
                lamb.Step(w, weights, gradients);
            }

            return weights;
        }
    }

    [Fact]
    public void Step_PoolWithoutFreeThreads_DoesNotWaitForThem()
    {
        // Every pool thread that exists is blocked, so that the caller has to do all of the work. The event is not
        // disposed: work items that start later still wait on it.
        var release = new ManualResetEventSlim();
        ThreadPool.GetMinThreads(out int workers, out _);
        for (int i = 0; i < 4 * workers; i++)
        {
            ThreadPool.QueueUserWorkItem(_ => release.Wait());
        }

        try
        {
            var workload = new Workload(5, withBadGradients: false, 300_000);
            var options = new OptimizerOptions { MaxThreads = 8 };
            Snapshot actual = workload.RunOnCpu(new Lamb(), options);
            workload.RunOnCpu(new Lamb(), options with { MaxThreads = 1 })
                .AssertSameBits(actual, "blocked pool");
        }
        finally
        {
            release.Set();
        }
    }
}
