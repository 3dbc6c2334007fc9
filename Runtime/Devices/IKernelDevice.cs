using Requant.CompilerServices;

namespace Requant.Devices;

/// <summary>What an executor needs of a device: memory at positions, and launches, all in the order
/// of one stream.</summary>
internal interface IKernelDevice : IDisposable
{
    /// <summary>Threads of a group.</summary>
    int GroupSize { get; }

    /// <summary>Position of what is at an address; 0 for 0.</summary>
    long PositionOf(nint address);

    /// <summary>Address of what is at a position.</summary>
    nint AddressOf(long position);

    /// <summary>Goes on with another stream, which waits for the work so far; a device without
    /// streams has one.</summary>
    void UseStream(nint stream);

    /// <summary>Whether the work of a stream is being recorded instead of done.</summary>
    bool IsCapturing(nint stream);

    /// <summary>Records work of a stream, which is then not the one to go on with: nothing of it
    /// has been done.</summary>
    void CaptureOn(nint stream, Action record);

    /// <summary>All of a step's work has been asked for.</summary>
    void EndStep();

    /// <summary>Takes memory that a user's allocator made.</summary>
    /// <exception cref="NotSupportedException">The device takes its own alone.</exception>
    DeviceAllocation Adopt(IStateMemory memory, long bytes);

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
    /// <param name="key">The launch.</param>
    /// <param name="phase">The phase.</param>
    /// <param name="into">Rows or columns for the kernel that takes their sums.</param>
    /// <returns>Null where the variant has nothing to do in the phase.</returns>
    DeviceLauncher? Load<TRule>(in LaunchKey key, int phase, StateLevel into = StateLevel.Tensor)
        where TRule : IOptimizerRule<TRule>;

    /// <summary>A rule's kernel for values of rows or columns that come before the elements of a phase.</summary>
    /// <returns>Null where the variant has none.</returns>
    DeviceLauncher? LoadLineKernel<TRule>(int variant, int phase, StateLevel level)
        where TRule : IOptimizerRule<TRule>;

    /// <summary>A kernel that serves any rule.</summary>
    DeviceLauncher LoadOwn(DeviceOwnKernel kernel);

    /// <summary>The kernel of <see cref="DeviceGradientSquares"/> for gradients of a type.</summary>
    DeviceLauncher LoadSquares(ElementType gradientType);

    /// <summary>The kernel of <see cref="DeviceGradientSquares"/> that adds up tensors.</summary>
    DeviceLauncher LoadSquaresFinish();

    /// <summary>The kernel of <see cref="DevicePartialSums"/> for squares, or for a rule's reductions.</summary>
    DeviceLauncher LoadFold(bool isOfSquares);

    /// <summary>A rule's kernel for what becomes known after a phase.</summary>
    /// <returns>Null where the host computes it.</returns>
    DeviceLauncher? LoadFinish<TRule>(int phase)
        where TRule : IOptimizerRule<TRule>;
}

/// <summary>Launches one kernel; returns before it has run.</summary>
/// <param name="groups">Groups that there is work for, at least 1; the device takes fewer if it does not hold as many
/// at a time, and kernels go on in a grid-stride loop.</param>
/// <param name="launch">What it works on; the device puts its memory in.</param>
internal delegate void DeviceLauncher(long groups, in LaunchParameters launch);
