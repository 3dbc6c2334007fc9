using Requant.CompilerServices;
using Requant.Numerics.Matrices;
using Requant.States;

namespace Requant.Cpu;

/// <summary>The matrices of one tensor at a time, and what is computed of them.</summary>
/// <param name="queue">Runs it.</param>
/// <param name="width">Of vectors.</param>
/// <param name="orthogonalizer">Takes the place of own products.</param>
internal sealed unsafe class MatrixScratch(BlockWorkQueue queue, SimdWidth width, Orthogonalizer? orthogonalizer)
    : IDisposable
{
    private NativeBuffer _matrices = new(0);
    private NativeBuffer _scratch = new(0);

    /// <summary>Makes room for a tensor's matrices.</summary>
    /// <param name="state">The tensor's.</param>
    /// <param name="count">Matrices of a rule.</param>
    /// <exception cref="InvalidOperationException">The matrix is too large.</exception>
    public void Reserve(ParameterState state, int count)
    {
        (int rows, int columns) = Sides(state);
        Grow(ref _matrices, state, count * state.Length);
        Grow(ref _scratch, state, NewtonSchulz.ScratchLength(rows, columns));
    }

    /// <summary>Says where they are.</summary>
    public void Place(in KernelArguments tensor, int count)
    {
        for (int i = 0; i < count; i++)
        {
            tensor.Lines.Matrices[i] = (float*)_matrices.Pointer + (i * tensor.Length);
        }
    }

    /// <summary>Orthogonalizes one of them in place.</summary>
    /// <param name="tensor">What kernels see.</param>
    /// <param name="state">The tensor's.</param>
    /// <param name="matrix">Which one.</param>
    /// <param name="norm">Its Frobenius norm.</param>
    /// <param name="steps">How often the polynomial is applied.</param>
    /// <returns>Whether all its elements are finite, and its norm.</returns>
    public bool Orthogonalize(
        in KernelArguments tensor, ParameterState state, int matrix, float norm, int steps)
    {
        (int rows, int columns) = Sides(state);
        if (orthogonalizer is not null && state.Length <= int.MaxValue)
        {
            var values = new Span<float>(tensor.Lines.Matrices[matrix], (int)state.Length);
            bool isFinite = float.IsFinite(norm) && Gradients.AllFinite(ref values[0], values.Length);
            if (isFinite)
            {
                orthogonalizer(values, rows, columns, norm, steps);
            }

            return isFinite;
        }

        int notFinite = float.IsFinite(norm) ? 0 : 1;
        var operands = new NewtonSchulzOperands(
            tensor.Lines.Matrices[matrix], rows, columns, norm, (float*)_scratch.Pointer, &notFinite);
        for (int pass = 0; pass < NewtonSchulz.PassCount(steps); pass++)
        {
            queue.Run(NewtonSchulz.Pass(pass, steps, operands, width, queue.ThreadCount));
        }

        return notFinite == 0;
    }

    public void Dispose()
    {
        _matrices.Dispose();
        _scratch.Dispose();
    }

    private static (int Rows, int Columns) Sides(ParameterState state) =>
        state.Rows <= int.MaxValue && state.Columns <= int.MaxValue
            ? ((int)state.Rows, (int)state.Columns)
            : throw TooLarge(state);

    /// <summary>The scratch of the largest matrix serves all: what it holds for one is gone with the next.</summary>
    private static void Grow(ref NativeBuffer buffer, ParameterState state, long floats)
    {
        long bytes = floats * sizeof(float);
        if (buffer.Bytes >= bytes)
        {
            return;
        }

        buffer.Dispose();
        buffer = new NativeBuffer(0);
        try
        {
            buffer = new NativeBuffer(bytes);
        }
        catch (OutOfMemoryException)
        {
            throw TooLarge(state);
        }
    }

    private static InvalidOperationException TooLarge(ParameterState state) => new(
        $"The matrix '{state.Name}' of {state.Rows} x {state.Columns} is too large to be orthogonalized in this "
        + "memory: nothing was changed; let the rule take it for a parameter that is no matrix, or split it.");
}
