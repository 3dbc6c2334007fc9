using Requant.Cpu;
using Requant.Devices;
using Requant.Devices.Driver;
using Requant.Numerics;
using Requant.States;
using Requant.Steps;

namespace Requant.Offload;

/// <summary>Runs the kernels of a step on the CPU, with states in its memory, for parameters and gradients in
/// that of a CUDA device.</summary>
/// <remarks>Tensor by tensor: while the CPU updates one, the next ones come and the last ones go, each on a
/// stream of its own. The step's stream goes on when the last one is back.
/// docs/adr/0025-states-on-the-host.md.</remarks>
/// <typeparam name="TRule">The generated rule.</typeparam>
internal sealed class OffloadExecutor<TRule> : IStepExecutor<TRule>
    where TRule : IOptimizerRule<TRule>
{
    /// <summary>Tensors under way: one that comes, one that is updated, and one that goes.</summary>
    private const int SlotCount = 3;

    private readonly CudaContext _context;
    private readonly CudaKernelDevice _device;
    private readonly CpuExecutor<TRule> _cpu;
    private readonly DeviceStates _noStates;
    private readonly DeviceBatch<TRule> _batch;
    private readonly DeviceMeasurement _measurement;
    private readonly OffloadSlot[] _slots = new OffloadSlot[SlotCount];
    private readonly CudaStream _incoming;
    private readonly CudaStream _outgoing;
    private readonly CudaEvent _isReady;
    private readonly CudaEvent _isDone;
    private (ulong Parameter, ulong Gradient)[] _places = [];
    private bool _isDisposed;

    /// <param name="context">The device's.</param>
    /// <param name="cache">Where texts of the kernels that measure gradients are kept.</param>
    /// <param name="cpu">Runs the kernels; disposed with the executor.</param>
    public OffloadExecutor(CudaContext context, PtxCache cache, CpuExecutor<TRule> cpu)
    {
        _context = context;
        _cpu = cpu;
        _device = new CudaKernelDevice(context, cache);
        _noStates = new DeviceStates(_device);
        _batch = new DeviceBatch<TRule>(_device, _noStates, hasLines: false);
        _measurement = new DeviceMeasurement(_device);
        _incoming = context.CreateStream();
        _outgoing = context.CreateStream();
        _isReady = context.CreateEvent();
        _isDone = context.CreateEvent();
        for (int i = 0; i < SlotCount; i++)
        {
            _slots[i] = new OffloadSlot(context);
        }
    }

    /// <summary>Whether parameters and gradients of the step to come are in host memory, too.</summary>
    public bool TakesHostMemory { get; set; }

    public (long All, long Last) Skipped => _cpu.Skipped;

    public StateStorage CreateStorage(
        StateInfo state, int blockSize, bool quantized, long length, IStateAllocator? allocator) =>
        _cpu.CreateStorage(state, blockSize, quantized, length, allocator);

    public StateStorage CreateRemainder(long length, IStateAllocator? allocator) =>
        _cpu.CreateRemainder(length, allocator);

    /// <summary>On the device, where the gradients are.</summary>
    public long Measure(StepPlan<TRule> plan, Span<double> sums, nint stream)
    {
        if (TakesHostMemory)
        {
            return _cpu.Measure(plan, sums, stream);
        }

        RequireNoCapture(stream);
        _device.UseStream(stream);
        _batch.Prepare(plan);
        _measurement.Prepare(_batch.Groups, plan.Count);
        _batch.WriteRows();
        _batch.WriteUniforms();
        return _measurement.Run(_batch, sums);
    }

    public void Run(StepPlan<TRule> plan, nint stream)
    {
        if (TakesHostMemory)
        {
            _cpu.Run(plan, stream);
            return;
        }

        RequireNoCapture(stream);
        _cpu.Begin(plan);
        if (_places.Length < plan.Count)
        {
            _places = new (ulong, ulong)[plan.Count];
        }

        // Gradients are there once the stream has come here, and parameters once the last step's are back, which may
        // have been on another stream.
        _isReady.Record(stream);
        _isReady.MakeWait(_incoming.Handle);
        _isDone.MakeWait(_incoming.Handle);
        for (int next = 0; next < Math.Min(SlotCount - 1, plan.Count); next++)
        {
            Fetch(plan, next);
        }

        for (int tensor = 0; tensor < plan.Count; tensor++)
        {
            if (tensor + SlotCount - 1 < plan.Count)
            {
                Fetch(plan, tensor + SlotCount - 1);
            }

            OffloadSlot slot = _slots[tensor % SlotCount];
            slot.WaitForElements();
            _cpu.RunPart(plan, tensor, 1);
            slot.Return(_places[tensor].Parameter, _outgoing.Handle);

            // The plan may be that of the next step, too.
            plan.Move(tensor, (nint)_places[tensor].Parameter, (nint)_places[tensor].Gradient);
        }

        _isDone.Record(_outgoing.Handle);
        _isDone.MakeWait(stream);
    }

    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        Array.ForEach(_slots, slot => slot.Dispose());
        _incoming.Dispose();
        _outgoing.Dispose();
        _isReady.Dispose();
        _isDone.Dispose();
        _measurement.Dispose();
        _batch.Dispose();
        _noStates.Dispose();
        _device.Dispose();
        _cpu.Dispose();
    }

    /// <summary>Asks for a tensor, which has the memory of its slot from then on.</summary>
    private void Fetch(StepPlan<TRule> plan, int tensor)
    {
        ref readonly PlannedTensor<TRule> planned = ref plan[tensor];
        OffloadSlot slot = _slots[tensor % SlotCount];
        long gradientBytes = planned.State.Length * planned.GradientType.Size();
        slot.Reserve(planned.State.Length * planned.ParameterType.Size(), gradientBytes);
        _places[tensor] = ((ulong)planned.Parameter, (ulong)planned.Gradient);
        slot.Fetch(_places[tensor].Parameter, _places[tensor].Gradient, gradientBytes, _incoming.Handle);
        plan.Move(tensor, slot.Parameter, slot.Gradient);
    }

    private void RequireNoCapture(nint stream)
    {
        if (_device.IsCapturing(stream))
        {
            throw new InvalidOperationException(
                "The stream is being captured, and the host has a part in every step of states on the host; take the "
                + "step before the capture or after it.");
        }
    }
}
