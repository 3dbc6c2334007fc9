using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;

namespace Requant.Testing;

/// <summary>An ILGPU accelerator; by default its CPU accelerator, which runs the very kernels that
/// a GPU would.</summary>
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

    /// <summary>Uses an accelerator, which the caller keeps. A CUDA accelerator of ILGPU may fuse multiplications with
    /// additions, and then differs in the last bit.</summary>
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
        using var optimizer = new Optimizer<TRule>(rule, data.Options with { Device = Device.Ilgpu(_accelerator) })
        {
            GradientScale = data.GradientScale,
        };
        ParameterState[] states = 
            [.. data.Lengths.Select((_, tensor) => optimizer.Add($"{tensor}", data.Shape(tensor)))];
        byte[][] parameters = [.. states.Select((_, tensor) => data.ParameterBytes(tensor))];
        for (int step = 1; step <= data.Steps; step++)
        {
            Step(
                optimizer, states, data, parameters,
                [.. states.Select((_, tensor) => data.GradientBytes(tensor, step))]);
            var snapshot = new Snapshot();
            for (int tensor = 0; tensor < states.Length; tensor++)
            {
                snapshot.Add(tensor, data.ParameterType, parameters[tensor], states[tensor]);
            }

            snapshot.AddSkipped(optimizer.LastStepSkippedElements);
            snapshot.AddMeasure(optimizer.GradientNorm, optimizer.LastStepSkipped);
            yield return snapshot;
        }
    }

    /// <summary>One step of all tensors; the parameters travel to the accelerator and back.</summary>
    private void Step<TRule>(
        Optimizer<TRule> optimizer, ParameterState[] states, ConformanceCase data, byte[][] parameters,
        byte[][] gradients)
        where TRule : IOptimizerRule<TRule>
    {
        var buffers = new List<MemoryBuffer1D<byte, Stride1D.Dense>>();
        try
        {
            ArrayView<byte>[] parameterViews = [.. parameters.Select(bytes => Copy(bytes, buffers))];
            ArrayView<byte>[] gradientViews = [.. gradients.Select(bytes => Copy(bytes, buffers))];
            optimizer.Step([.. states.Select(
                (state, tensor) => Update(state, data, parameterViews[tensor], gradientViews[tensor]))]);
            _accelerator.Synchronize();
            for (int tensor = 0; tensor < parameters.Length; tensor++)
            {
                if (parameters[tensor].Length > 0)
                {
                    parameterViews[tensor].CopyToCPU(parameters[tensor]);
                }
            }
        }
        finally
        {
            buffers.ForEach(buffer => buffer.Dispose());
        }
    }

    // ILGPU has no empty buffers.
    private ArrayView<byte> Copy(byte[] bytes, List<MemoryBuffer1D<byte, Stride1D.Dense>> buffers)
    {
        if (bytes.Length == 0)
        {
            return ArrayView<byte>.Empty;
        }

        buffers.Add(_accelerator.Allocate1D(bytes));
        return buffers[^1].View.BaseView;
    }

    private static TensorUpdate Update(
        ParameterState state, ConformanceCase data, ArrayView<byte> parameter, ArrayView<byte> gradient) =>
        data.ParameterType switch
    {
        ElementType.Float32 => Update(state, data, parameter.Cast<float>(), gradient),
        ElementType.Float16 => Update(state, data, parameter.Cast<System.Half>(), gradient),
        _ => Update(state, data, parameter.Cast<BFloat16>(), gradient),
    };

    private static TensorUpdate Update<TParameter>(
        ParameterState state, ConformanceCase data, ArrayView<TParameter> parameter, ArrayView<byte> gradient)
        where TParameter : unmanaged => data.GradientType switch
    {
        ElementType.Float32 => TensorUpdate.Of(state, parameter, gradient.Cast<float>()),
        ElementType.Float16 => TensorUpdate.Of(state, parameter, gradient.Cast<ILGPU.Half>()),
        _ => TensorUpdate.Of(state, parameter, gradient.Cast<BFloat16>()),
    };
}
