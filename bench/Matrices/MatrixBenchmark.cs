using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Requant.Cpu;
using Requant.Numerics.Matrices;
using Requant.Optimizers;
using TorchSharp;
using static TorchSharp.torch;

namespace Requant.Bench.Matrices;

/// <summary>What rules that see the matrix cost, beside libtorch's products and beside a pass over memory.</summary>
/// <param name="threads">Of each contestant.</param>
/// <param name="rounds">How often each runs.</param>
internal sealed unsafe class MatrixBenchmark(int threads, int rounds)
{
    private const int Steps = 5;

    /// <summary>The polynomial of five steps, by Requant and by libtorch's float32 matmul.</summary>
    public (double Requant, double Torch) Orthogonalize(int rows, int columns)
    {
        set_num_threads(threads);
        random.manual_seed(1);
        using Tensor values = randn(rows, columns);
        float norm = values.norm().item<float>();
        var matrix = Memory((long)rows * columns);
        var scratch = Memory(NewtonSchulz.ScratchLength(rows, columns));
        using var queue = new BlockWorkQueue(threads, scratchSlots: 0);
        int notFinite = 0;
        var operands = new NewtonSchulzOperands(matrix, rows, columns, norm, scratch, &notFinite);
        nuint bytes = (nuint)((long)rows * columns * sizeof(float));
        void Own()
        {
            NativeMemory.Copy((void*)Requant.Torch.TensorPointer.Of(values), matrix, bytes);
            for (int pass = 0; pass < NewtonSchulz.PassCount(Steps); pass++)
            {
                queue.Run(NewtonSchulz.Pass(pass, Steps, operands, SimdWidths.Widest, queue.ThreadCount));
            }
        }

        double[] medians = Contest.Run(rounds, Own, () => OfTorch(values, norm));
        NativeMemory.AlignedFree(matrix);
        NativeMemory.AlignedFree(scratch);
        return (medians[0], medians[1]);
    }

    /// <summary>A step of a rule on one float32 matrix, and a pass that reads its gradient and reads and writes its
    /// parameter.</summary>
    public (double Step, double Pass) Step<TRule>(TRule rule, int rows, int columns)
        where TRule : IOptimizerRule<TRule>
    {
        long elements = (long)rows * columns;
        float* parameter = Memory(elements);
        float* gradient = Memory(elements);
        var random = new Random(1);
        for (long i = 0; i < elements; i++)
        {
            parameter[i] = random.NextSingle() - 0.5f;
            gradient[i] = 0.01f * (random.NextSingle() - 0.5f);
        }

        using var optimizer = new Optimizer<TRule>(rule, new OptimizerOptions { MaxThreads = threads });
        var update = new TensorUpdate(
            optimizer.Add("w", [rows, columns]), (nint)parameter, (nint)gradient, ElementType.Float32,
            ElementType.Float32);
        var options = new ParallelOptions { MaxDegreeOfParallelism = threads };
        double[] medians = Contest.Run(
            rounds, () => optimizer.Step(update),
            () => Parallel.For(0, threads, options, thread => Pass(parameter, gradient, elements, thread)));
        NativeMemory.AlignedFree(parameter);
        NativeMemory.AlignedFree(gradient);
        return (medians[0], medians[1]);
    }

    private void Pass(float* parameter, float* gradient, long elements, int thread)
    {
        long first = elements / threads * thread;
        long end = thread == threads - 1 ? elements : first + (elements / threads);
        Vector256<float> rate = Vector256.Create(1e-6f);
        for (long i = first; i <= end - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            (Vector256.Load(parameter + i) + (Vector256.Load(gradient + i) * rate)).Store(parameter + i);
        }
    }

    private static void OfTorch(Tensor values, float norm)
    {
        using DisposeScope scope = NewDisposeScope();
        bool isTall = values.shape[0] > values.shape[1];
        Tensor x = (isTall ? values.t() : values) / norm;
        for (int step = 0; step < Steps; step++)
        {
            Tensor gram = x.matmul(x.t());
            Tensor polynomial = addmm(gram, gram, gram, beta: NewtonSchulz.Cubic, alpha: NewtonSchulz.Quintic);
            x = addmm(x, polynomial, x, beta: NewtonSchulz.Linear, alpha: 1);
        }
    }

    private static float* Memory(long floats) =>
        (float*)NativeMemory.AlignedAlloc((nuint)(floats * sizeof(float)), 64);
}
