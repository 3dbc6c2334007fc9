using Requant.CompilerServices;

namespace Requant.Devices;

/// <summary>What an executor needs of a device: memory at positions, and launches, all in the order of one stream.</summary>
internal interface IKernelDevice : IDisposable
{
    /// <summary>Threads of a group.</summary>
    int GroupSize { get; }

    /// <summary>Memory with any content.</summary>
    /// <param name="bytes">0 or more.</param>
    DeviceAllocation Allocate(long bytes);

    /// <summary>Writes from the host; the source may change after the return.</summary>
    void Write(long position, ReadOnlySpan<byte> source);

    /// <summary>Writes a byte many times.</summary>
    void Fill(long position, long bytes, byte value);

    /// <summary>Copies within the device.</summary>
    void Copy(long destination, long source, long bytes);

    /// <summary>Reads to the host, after all work so far.</summary>
    void Read(Span<byte> destination, long position);

    /// <summary>A rule's kernel, ready to be launched; the same kernel is not loaded twice by the executor.</summary>
    /// <returns>Null where the variant has nothing to do in the phase.</returns>
    DeviceLauncher? Load<TRule>(in LaunchKey key, int phase)
        where TRule : IOptimizerRule<TRule>;

    /// <summary>The kernel of <see cref="DeviceGradientSquares"/> for gradients of a type.</summary>
    DeviceLauncher LoadSquares(ElementType gradientType);

    /// <summary>The kernel of <see cref="DeviceGradientSquares"/> that adds up tensors.</summary>
    DeviceLauncher LoadSquaresFinish();

    /// <summary>A rule's kernel for what becomes known after a phase.</summary>
    /// <returns>Null where the host computes it.</returns>
    DeviceLauncher? LoadFinish<TRule>(int phase)
        where TRule : IOptimizerRule<TRule>;
}

/// <summary>Launches one kernel; returns before it has run.</summary>
/// <param name="groups">Groups that there is work for, at least 1; the device takes fewer if it does not hold as many at a time, and
/// kernels go on in a grid-stride loop.</param>
/// <param name="model">What it works on; the device puts its memory in.</param>
internal delegate void DeviceLauncher(long groups, in DeviceModel model);
