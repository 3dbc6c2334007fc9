using System.Runtime.CompilerServices;
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

    /// <summary>The CPU: SIMD kernels on the thread pool, states in native memory.</summary>
    public static Device Cpu { get; } = new(null, null);

    /// <summary>The accelerator behind an ILGPU device, or null for others.</summary>
    public Accelerator? Accelerator { get; }

    /// <summary>Whether this is the CPU, driven without ILGPU.</summary>
    public bool IsCpu => Accelerator is null && Context is null;

    /// <summary>Whether this is a CUDA device, driven without ILGPU's accelerators.</summary>
    public bool IsCuda => Context is not null;

    /// <summary>Whether states are in host memory, and kernels run on the CPU, while parameters and
    /// gradients are the device's; see <see cref="WithStatesOnHost"/>. True for the CPU itself.</summary>
    public bool HasStatesOnHost => IsCpu || IsOffloaded;

    /// <summary>Whether a CUDA device has states on the host.</summary>
    internal bool IsOffloaded { get; private init; }

    /// <summary>Where a CUDA device keeps its kernels' texts.</summary>
    internal PtxCache Cache { get; private init; } = PtxCache.Default;

    /// <summary>The context of a CUDA device, or null for others.</summary>
    internal CudaContext? Context { get; }

    /// <summary>A CUDA device, in the primary context, where libtorch's tensors are too. Each call for a number
    /// shares one context, which lives until the process ends; the calling thread's current context is left alone.
    /// Kernels are compiled on first use and kept in the user's cache, in the folder that <c>REQUANT_CACHE</c> names;
    /// <c>off</c> turns it off.</summary>
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
    /// <exception cref="PlatformNotSupportedException">The program was compiled ahead of time.</exception>
    public static Device Cuda(int ordinal = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(ordinal);
        ThrowIfCompiledAhead();
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
    /// <exception cref="PlatformNotSupportedException">The program was compiled ahead of time.</exception>
    public static Device Ilgpu(Accelerator accelerator)
    {
        ArgumentNullException.ThrowIfNull(accelerator);
        ThrowIfCompiledAhead();
        if (accelerator.WarpSize != WarpSize)
        {
            throw new NotSupportedException(
                $"Accelerator '{accelerator.Name}' has warps of {accelerator.WarpSize} lanes, and the kernels " +
                $"give one warp of {WarpSize} lanes a block. Use a CUDA accelerator, or " +
                $"new CPUDevice({WarpSize}, 1, 1) for ILGPU's CPU accelerator.");
        }

        return new Device(accelerator, null);
    }

    /// <summary>The same CUDA device for parameters and gradients, with states in host memory, if the
    /// device has no room for them. A step copies each gradient and parameter to pinned memory, updates it with the
    /// CPU's kernels and their bits, and copies the parameter back, tensor by tensor, so that copies and updates
    /// overlap. It waits for gradients; later work on its stream sees the new parameters.</summary>
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
        // Without compilation at run time no other device exists. The compiler ahead of time knows that too, and
        // leaves out the code of devices, with all of ILGPU.
        if (!RuntimeFeature.IsDynamicCodeSupported)
        {
            return OnProcessor();
        }

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

    private static void ThrowIfCompiledAhead()
    {
        if (!RuntimeFeature.IsDynamicCodeSupported)
        {
            throw new PlatformNotSupportedException(
                "Kernels for devices are compiled from IL when they are first needed, and a program that was compiled "
                + "ahead of time has none: it runs on Device.Cpu. Publish it without PublishAot to use a device.");
        }
    }
}
