using ILGPU.Runtime;
using Requant.Cpu;
using Requant.Devices;
using Requant.Devices.Driver;
using Requant.Offload;
using Requant.Steps;

namespace Requant;

/// <summary>Where an optimizer keeps its states and runs its kernels.</summary>
public sealed class Device
{
    private Device(Accelerator? accelerator, CudaContext? context)
    {
        Accelerator = accelerator;
        Context = context;
    }

    /// <summary>The processor: SIMD kernels on the thread pool, states in native memory.</summary>
    public static Device Cpu { get; } = new(null, null);

    /// <summary>The accelerator behind an ILGPU device, or null for others.</summary>
    public Accelerator? Accelerator { get; }

    /// <summary>Whether this is the processor, driven without ILGPU.</summary>
    public bool IsCpu => Accelerator is null && Context is null;

    /// <summary>Whether this is a device of CUDA, driven without ILGPU's accelerators.</summary>
    public bool IsCuda => Context is not null;

    /// <summary>Whether states are in the processor's memory, and kernels run on the processor, while parameters and
    /// gradients are the device's; see <see cref="WithStatesOnHost"/>. True for the processor itself.</summary>
    public bool HasStatesOnHost => IsCpu || IsOffloaded;

    /// <summary>Whether a device of CUDA has states on the host.</summary>
    internal bool IsOffloaded { get; private init; }

    /// <summary>Where a device of CUDA keeps its kernels' texts.</summary>
    internal PtxCache Cache { get; private init; } = PtxCache.Default;

    /// <summary>The context of a device of CUDA, or null for others.</summary>
    internal CudaContext? Context { get; }

    /// <summary>A device of CUDA, in the primary context, where libtorch's tensors are too. Each call for a number
    /// shares one context, which stays until the process ends; the context that is current on the calling thread is
    /// left as it is. Kernels are compiled when they are first needed, and kept in the user's cache, whose folder
    /// <c>REQUANT_CACHE</c> names, or <c>off</c>.</summary>
    /// <remarks>
    /// <code>
    /// using var adam = new Optimizer&lt;Adam&gt;(new Adam(), new OptimizerOptions { Device = Device.Cuda() });
    /// ParameterState w = adam.Add("w", length);
    /// adam.Step(stream, new TensorUpdate(w, parameterAddress, gradientAddress));
    /// </code>
    /// </remarks>
    /// <param name="ordinal">Number of the device, from 0, among those that <c>CUDA_VISIBLE_DEVICES</c> leaves.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="ordinal"/> is negative.</exception>
    /// <exception cref="CudaException">There is no driver or no such device, or one of them is too old; the message
    /// says which, and what to do.</exception>
    public static Device Cuda(int ordinal = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(ordinal);
        return CudaDriver.TryLoad(out ICudaDriver? driver, out string? reason)
            ? Cuda(driver, ordinal)
            : throw CudaErrors.NoDriver(reason);
    }

    /// <summary>An ILGPU accelerator; parameters and gradients are then <c>ArrayView&lt;float&gt;</c>s in its memory.
    /// The caller keeps the accelerator and disposes it after the optimizer. A CUDA accelerator of ILGPU compiles
    /// kernels itself, and its driver may fuse multiplications with additions, in exact rules too.</summary>
    /// <param name="accelerator">One whose warps have 32 lanes: CUDA, or <c>new CPUDevice(32, 1, 1)</c> for
    /// tests.</param>
    /// <exception cref="ArgumentNullException"><paramref name="accelerator"/> is null.</exception>
    /// <exception cref="NotSupportedException">Its warps do not have 32 lanes.</exception>
    public static Device Ilgpu(Accelerator accelerator)
    {
        ArgumentNullException.ThrowIfNull(accelerator);
        if (accelerator.WarpSize != WarpSize)
        {
            throw new NotSupportedException(
                $"Accelerator '{accelerator.Name}' has warps of {accelerator.WarpSize} lanes, and the kernels " +
                $"give one warp of {WarpSize} lanes a block. Use a CUDA accelerator, or " +
                $"new CPUDevice({WarpSize}, 1, 1) for ILGPU's CPU accelerator.");
        }

        return new Device(accelerator, null);
    }

    /// <summary>The same device of CUDA for parameters and gradients, with states in the processor's memory: where the
    /// device has no room for them. A step copies each gradient and parameter to pinned memory, updates it by the
    /// processor's kernels, whose bits it has, and copies the parameter back, tensor by tensor, so that copies and
    /// updates overlap. It waits for gradients; work of its stream behind it sees the new parameters.</summary>
    /// <remarks>
    /// <code>
    /// var options = new OptimizerOptions { Device = Device.Cuda().WithStatesOnHost() };
    /// </code>
    /// </remarks>
    /// <exception cref="NotSupportedException">It is an ILGPU accelerator.</exception>
    public Device WithStatesOnHost() =>
        Accelerator is not null ? throw new NotSupportedException(
            $"States of accelerator '{Accelerator.Name}' are on it; use Device.Cuda() to have them on the host.")
        : Context is null ? this
        : new Device(null, Context) { Cache = Cache, IsOffloaded = true };

    /// <inheritdoc/>
    public override string ToString() =>
        Accelerator is not null ? $"ilgpu:{Accelerator.Name}"
        : Context is not null ? $"{Context}{(IsOffloaded ? ", states on the host" : "")}"
        : "cpu";

    internal const int WarpSize = 32;

    /// <summary>What runs a rule's kernels here.</summary>
    /// <param name="blockSize">Elements of a block.</param>
    /// <param name="options">The optimizer's.</param>
    internal IStepExecutor<TRule> CreateExecutor<TRule>(int blockSize, OptimizerOptions options)
        where TRule : IOptimizerRule<TRule>
    {
        return (Context, IsOffloaded) switch
        {
            (CudaContext context, true) => new OffloadExecutor<TRule>(context, Cache, OnProcessor()),
            (CudaContext context, false) => new DeviceExecutor<TRule>(new CudaKernelDevice(context, Cache)),
            _ when Accelerator is not null => new DeviceExecutor<TRule>(new AcceleratorDevice(Accelerator)),
            _ => OnProcessor(),
        };

        CpuExecutor<TRule> OnProcessor() =>
            new(blockSize, options.SimdWidth ?? SimdWidths.Widest, options.MaxThreads, options.Orthogonalizer);
    }

    /// <summary>A device of any driver.</summary>
    internal static Device Cuda(
        ICudaDriver driver, int ordinal, PtxCache? cache = null) =>
        new(null, CudaContext.Get(driver, ordinal)) { Cache = cache ?? PtxCache.Default };
}
