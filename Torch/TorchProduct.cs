using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Requant.Torch;

/// <summary>The polynomial of <see cref="Matrix.Orthogonalize"/> by libtorch's products.</summary>
internal static class TorchProduct
{
    private const float SmallestNorm = 1e-7f;
    private const float Linear = 3.4445f;
    private const float Cubic = -4.7750f;
    private const float Quintic = 2.0315f;

    public static unsafe void Orthogonalize(Span<float> matrix, int rows, int columns, float norm, int steps)
    {
        using IDisposable noGradients = no_grad();
        using TorchSharp.DisposeScope scope = NewDisposeScope();
        Tensor values = empty(rows, columns);
        var memory = new Span<float>((void*)TensorPointer.Of(values), matrix.Length);
        matrix.CopyTo(memory);
        Tensor x = values / MathF.Max(norm, SmallestNorm);
        bool isTall = rows > columns;
        x = isTall ? x.t() : x;
        for (int step = 0; step < steps; step++)
        {
            Tensor gram = x.matmul(x.t());
            Tensor polynomial = gram * Cubic + gram.matmul(gram) * Quintic;
            x = x * Linear + polynomial.matmul(x);
        }

        values.copy_(isTall ? x.t() : x);
        memory.CopyTo(matrix);
        GC.KeepAlive(values);
    }
}
