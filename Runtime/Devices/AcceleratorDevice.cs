using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using Requant.CompilerServices;

namespace Requant.Devices;

/// <summary>An ILGPU accelerator, on its default stream.</summary>
/// <remarks>ILGPU has no view of all memory. On its CPU accelerator one can be made; on a device one that begins
/// anywhere serves, since kernels go from its beginning to any position, forward and backward.</remarks>
internal sealed class AcceleratorDevice : IKernelDevice
{
    private const int AnchorBytes = 256;
    private const int GroupsPerMultiprocessor = 8;

    private readonly Accelerator _accelerator;
    private readonly int _maxGroups;
    private readonly MemoryBuffer _anchor;
    private readonly SortedList<long, ArrayView<byte>> _allocations = [];
    private readonly List<Kernel> _kernels = [];

    public AcceleratorDevice(Accelerator accelerator)
    {
        _accelerator = accelerator;
        int threads = Math.Min(PtxCompiler.GroupSize, accelerator.MaxNumThreadsPerGroup);
        GroupSize = threads / DeviceGrid.WarpSize * DeviceGrid.WarpSize;
        _maxGroups = accelerator.NumMultiprocessors * GroupsPerMultiprocessor;
        _anchor = accelerator is CPUAccelerator
            ? CPUMemoryBuffer.Create(accelerator, 0, long.MaxValue, sizeof(byte))
            : accelerator.Allocate1D<byte>(AnchorBytes);
        Memory = _anchor.AsArrayView<byte>(0, _anchor.LengthInBytes);
    }

    /// <summary>What positions count from.</summary>
    public ArrayView<byte> Memory { get; }

    public int GroupSize { get; }

    public long PositionOf(nint address) => address == 0 ? 0 : address - Base;

    public nint AddressOf(long position) => (nint)position + Base;

    public void UseStream(nint stream)
    {
    }

    public bool IsCapturing(nint stream) => false;

    public void CaptureOn(nint stream, Action record) => record();

    /// <summary>Waits for all work.</summary>
    public void EndStep() => _accelerator.DefaultStream.Synchronize();

    public DeviceAllocation Adopt(IStateMemory memory, long bytes) => throw new NotSupportedException(
        $"ILGPU copies to and from buffers of its own alone: states on accelerator '{_accelerator.Name}' take no "
        + "allocator; pass null.");

    public DeviceAllocation Allocate(long bytes)
    {
        if (bytes == 0)
        {
            return DeviceAllocation.Empty;
        }

        MemoryBuffer1D<byte, Stride1D.Dense> buffer = _accelerator.Allocate1D<byte>(bytes);
        long position = PositionOf(buffer.View.BaseView.LoadEffectiveAddressAsPtr());
        _allocations.Add(position, buffer.View);
        return new DeviceAllocation(position, bytes, new Allocation(this, position, buffer));
    }

    public void Write(long position, ReadOnlySpan<byte> source)
    {
        if (!source.IsEmpty)
        {
            At(position, source.Length).CopyFromCPU(_accelerator.DefaultStream, source.ToArray());
        }
    }

    public void Fill(long position, long bytes, byte value)
    {
        if (bytes > 0)
        {
            At(position, bytes).MemSet(_accelerator.DefaultStream, value);
        }
    }

    public void Copy(long destination, long source, long bytes)
    {
        if (bytes > 0)
        {
            At(source, bytes).CopyTo(_accelerator.DefaultStream, At(destination, bytes));
        }
    }

    public void Read(Span<byte> destination, long position)
    {
        if (!destination.IsEmpty)
        {
            var copy = new byte[destination.Length];
            At(position, copy.Length).CopyToCPU(_accelerator.DefaultStream, copy);
            copy.CopyTo(destination);
        }
    }

    public DeviceLauncher? Load<TRule>(in LaunchKey key, int phase, StateLevel into = StateLevel.Tensor)
        where TRule : IOptimizerRule<TRule> => Load(DeviceKernels.Get<TRule>(key, phase, into));

    public DeviceLauncher? LoadLineKernel<TRule>(int variant, int phase, StateLevel level)
        where TRule : IOptimizerRule<TRule> => Load(TRule.GetDeviceLineKernel(variant, phase, level));

    public DeviceLauncher LoadOwn(DeviceOwnKernel kernel) => Load(DeviceOwnKernels.Of(kernel, isPtx: false))!;

    public DeviceLauncher LoadSquares(ElementType gradientType) => Load(DeviceKernels.Squares(gradientType))!;

    public DeviceLauncher LoadSquaresFinish() => Load(DeviceGradientSquares.Finish)!;

    public DeviceLauncher LoadFold(bool isOfSquares) =>
        Load(isOfSquares ? DevicePartialSums.FoldSquares : DevicePartialSums.Fold)!;

    public DeviceLauncher? LoadFinish<TRule>(int phase)
        where TRule : IOptimizerRule<TRule> => Load(TRule.GetFinishKernel(phase));

    private DeviceLauncher? Load(DeviceKernel? device)
    {
        if (device is null)
        {
            return null;
        }

        Kernel kernel = _accelerator.LoadKernel(device.Method);
        _kernels.Add(kernel);
        var launcher = kernel.CreateLauncherDelegate<Action<AcceleratorStream, KernelConfig, LaunchParameters>>();
        return (long groups, in LaunchParameters launch) =>
        {
            int launched = (int)Math.Min(groups, _maxGroups);
            launcher(
                _accelerator.DefaultStream, new KernelConfig(launched, GroupSize),
                WarpSchedule.Share(launch, (long)launched * GroupSize) with { Memory = Memory, Address = Base });
        };
    }

    public void Dispose()
    {
        _kernels.ForEach(kernel => kernel.Dispose());
        _anchor.Dispose();
    }

    private nint Base => Memory.LoadEffectiveAddressAsPtr();

    /// <summary>Part of an allocation: only kernels leave the bounds of views.</summary>
    private ArrayView<byte> At(long position, long bytes)
    {
        int low = 0;
        int high = _allocations.Count - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            (low, high) = _allocations.GetKeyAtIndex(middle) <= position ? (middle, high) : (low, middle - 1);
        }

        return _allocations.GetValueAtIndex(low).SubView(position - _allocations.GetKeyAtIndex(low), bytes);
    }

    private sealed class Allocation(AcceleratorDevice device, long position, MemoryBuffer buffer) : IDisposable
    {
        public void Dispose()
        {
            device._allocations.Remove(position);
            buffer.Dispose();
        }
    }
}
