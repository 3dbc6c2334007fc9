using Requant.Bench.Gpu.Check;
using Requant.Devices.Driver;
using Requant.Testing;

namespace Requant.Bench.Gpu.Time;

/// <summary>Parameters and gradients of all models in turn, in the device's memory.</summary>
internal sealed class TimeMemory : IDisposable
{
    private const int PatternElements = 1 << 22;
    private const int PatternSeed = 60;
    private const float GradientScale = 0.01f;

    private readonly GpuSession _session;
    private readonly List<CudaBuffer> _buffers = [];
    private readonly CudaBuffer _parameters;
    private readonly CudaBuffer _gradients;

    /// <param name="session">The device.</param>
    /// <param name="elements">The most elements of a model.</param>
    /// <param name="tensors">The most tensors.</param>
    public TimeMemory(GpuSession session, long elements, int tensors)
    {
        _session = session;
        long bytes = (elements * sizeof(float)) + ((long)tensors * TensorImage.Alignment);
        try
        {
            _parameters = Allocate(bytes);
            _gradients = Allocate(bytes);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Writes numbers of a normal distribution everywhere: what tensors hold decides which codes and branches
    /// kernels take.</summary>
    public void Fill(ElementType type)
    {
        var random = new Random(PatternSeed);
        var values = new float[Math.Min(
            PatternElements, (int)Math.Min(int.MaxValue, _parameters.Bytes / sizeof(float)))];
        for (int i = 0; i < values.Length; i++)
        {
            // Eight uniform numbers are normal enough, and fast.
            float sum = 0f;
            for (int part = 0; part < 8; part++)
            {
                sum += random.NextSingle() - 0.5f;
            }

            values[i] = sum;
        }

        Fill(_parameters, ElementBits.Round(type, values));
        Fill(_gradients, ElementBits.Round(type, Array.ConvertAll(values, value => GradientScale * value)));
    }

    /// <summary>The updates of a model whose tensors begin where allocations do.</summary>
    public TensorUpdate[] Updates(IReadOnlyList<ParameterState> states, ElementType type)
    {
        long offset = 0;
        var updates = new TensorUpdate[states.Count];
        for (int tensor = 0; tensor < updates.Length; tensor++)
        {
            updates[tensor] = new TensorUpdate(
                states[tensor], (nint)_parameters.Address + (nint)offset, (nint)_gradients.Address + (nint)offset, type,
                type);
            long bytes = states[tensor].Length * ElementBits.SizeOf(type);
            offset += (bytes + TensorImage.Alignment - 1) / TensorImage.Alignment * TensorImage.Alignment;
        }

        return updates;
    }

    /// <inheritdoc/>
    public void Dispose() => _buffers.ForEach(buffer => buffer.Dispose());

    private CudaBuffer Allocate(long bytes)
    {
        CudaBuffer buffer = _session.Context.Allocate(bytes);
        _buffers.Add(buffer);
        return buffer;
    }

    private void Fill(CudaBuffer buffer, byte[] pattern)
    {
        // The copies after it are on another stream than the one that this is on; it is done on return.
        _session.Context.CopyToDevice<byte>(buffer.Address, pattern);
        for (long done = pattern.Length; done < buffer.Bytes; done *= 2)
        {
            long bytes = Math.Min(done, buffer.Bytes - done);
            _session.Context.CopyOnDeviceAsync(buffer.Address + (ulong)done, buffer.Address, bytes, _session.Stream);
        }

        _session.Context.Synchronize(_session.Stream);
    }
}
