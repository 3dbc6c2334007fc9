using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;

namespace Requant.Testing;

/// <summary>An ILGPU accelerator; by default its CPU accelerator, which runs the very kernels that a GPU would.</summary>
public sealed class IlgpuBackend : IConformanceBackend, IDisposable
{
    /// <summary>One warp is what a block gets; a GPU has as many lanes.</summary>
    private const int WarpSize = 32;

    private readonly Context? _context;
    private readonly Accelerator _accelerator;

    /// <summary>Uses a CPU accelerator of its own.</summary>
    public IlgpuBackend()
    {
        _context = Context.Create(builder => builder.CPU(new CPUDevice(WarpSize, 1, 1)));
        _accelerator = _context.CreateCPUAccelerator(0);
    }

    /// <summary>Uses an accelerator, which the caller keeps. A CUDA accelerator of ILGPU may fuse multiplications with additions, and
    /// then differs in the last bit.</summary>
    /// <param name="accelerator">One whose warps have 32 lanes.</param>
    /// <exception cref="ArgumentNullException"><paramref name="accelerator"/> is null.</exception>
    public IlgpuBackend(Accelerator accelerator)
    {
        ArgumentNullException.ThrowIfNull(accelerator);
        _accelerator = accelerator;
    }

    /// <inheritdoc/>
    public string Name => $"ILGPU, {_accelerator.Name}";

    /// <inheritdoc/>
    public bool IsSlow => _accelerator.AcceleratorType == AcceleratorType.CPU;

    /// <inheritdoc/>
    public IEnumerable<Snapshot> Run<TRule>(TRule rule, ConformanceCase data)
        where TRule : IOptimizerRule<TRule>
    {
        ArgumentNullException.ThrowIfNull(data);
        return Steps(rule, data);
    }

    /// <summary>Disposes the accelerator unless the caller gave it.</summary>
    public void Dispose()
    {
        if (_context is not null)
        {
            _accelerator.Dispose();
            _context.Dispose();
        }
    }

    private IEnumerable<Snapshot> Steps<TRule>(TRule rule, ConformanceCase data)
        where TRule : IOptimizerRule<TRule>
    {
        using var optimizer = new Optimizer<TRule>(rule, data.Options with { Device = Device.Ilgpu(_accelerator) });
        ParameterState[] states = [.. data.Lengths.Select((length, tensor) => optimizer.Add($"{tensor}", length))];
        float[][] parameters = [.. data.Lengths.Select((_, tensor) => data.Parameters(tensor))];
        for (int step = 1; step <= data.Steps; step++)
        {
            var snapshot = new Snapshot();
            for (int tensor = 0; tensor < states.Length; tensor++)
            {
                Step(optimizer, states[tensor], parameters[tensor], data.Gradient(tensor, step));
                snapshot.Add(tensor, parameters[tensor], states[tensor], optimizer.LastStepSkippedElements);
            }

            yield return snapshot;
        }
    }

    /// <summary>One step of one tensor; the parameter travels to the accelerator and back.</summary>
    private void Step<TRule>(Optimizer<TRule> optimizer, ParameterState state, float[] parameter, float[] gradient)
        where TRule : IOptimizerRule<TRule>
    {
        if (parameter.Length == 0)
        {
            // ILGPU has no empty buffers.
            optimizer.Step(state, ArrayView<float>.Empty, ArrayView<float>.Empty);
            return;
        }

        using MemoryBuffer1D<float, Stride1D.Dense> parameters = _accelerator.Allocate1D(parameter);
        using MemoryBuffer1D<float, Stride1D.Dense> gradients = _accelerator.Allocate1D(gradient);
        optimizer.Step(state, parameters.View.BaseView, gradients.View.BaseView);
        _accelerator.Synchronize();
        parameters.CopyToCPU(parameter);
    }
}
