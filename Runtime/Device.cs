using ILGPU.Runtime;

namespace Requant;

/// <summary>Where an optimizer keeps its states and runs its kernels.</summary>
public sealed class Device
{
    private Device(Accelerator? accelerator) => Accelerator = accelerator;

    /// <summary>The processor: SIMD kernels on the thread pool, states in native memory.</summary>
    public static Device Cpu { get; } = new(null);

    /// <summary>The accelerator behind an ILGPU device, or null for <see cref="Cpu"/>.</summary>
    public Accelerator? Accelerator { get; }

    /// <summary>Whether this is the processor, driven without ILGPU.</summary>
    public bool IsCpu => Accelerator is null;

    /// <summary>An ILGPU accelerator; parameters and gradients are then <c>ArrayView&lt;float&gt;</c>s in its memory.
    /// The caller keeps the accelerator and disposes it after the optimizer. A CUDA accelerator of ILGPU compiles kernels
    /// itself, and its driver may fuse multiplications with additions, in exact rules too.</summary>
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

        return new Device(accelerator);
    }

    /// <inheritdoc/>
    public override string ToString() => Accelerator is null ? "cpu" : $"ilgpu:{Accelerator.Name}";

    internal const int WarpSize = 32;
}
