using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Requant.CompilerServices;
using Requant.Devices.Driver;

namespace Requant.Devices;

/// <summary>A CUDA device on which rules run, in the order of the stream that the last step was
/// asked for on.</summary>
internal sealed unsafe class CudaKernelDevice : IKernelDevice
{
    /// <summary>Longer writes go without a copy of their own, and wait.</summary>
    private const int MostStagedBytes = 1 << 20;

    /// <summary>Texts of this process: optimizers of one rule are many where parameters come in groups.</summary>
    private static readonly ConcurrentDictionary<PtxCacheKey, string> Texts = new();

    private readonly CudaContext _context;
    private readonly PtxCache _cache;
    private readonly CudaStaging _staging;
    private readonly CudaEvent _lastStep;

    /// <param name="context">The device's.</param>
    /// <param name="cache">Where kernels' texts are kept.</param>
    public CudaKernelDevice(CudaContext context, PtxCache cache)
    {
        _context = context;
        _cache = cache;
        _staging = new CudaStaging(_context);
        _lastStep = _context.CreateEvent();
    }

    public int GroupSize => PtxCompiler.GroupSize;

    public long PositionOf(nint address) => address;

    public nint AddressOf(long position) => (nint)position;

    /// <summary>The stream; 0 is the legacy default stream, which is libtorch's too unless another
    /// is asked for.</summary>
    private nint Stream { get; set; }

    /// <summary>What a step needs is overwritten by the next one, so that the new stream waits for the work on
    /// the last one.</summary>
    public void UseStream(nint stream)
    {
        if (stream != Stream)
        {
            _lastStep.Record(Stream);
            _lastStep.MakeWait(stream);
            Stream = stream;
        }
    }

    public bool IsCapturing(nint stream) => _context.CaptureStatus(stream) != CudaCaptureStatus.None;

    public void EndStep()
    {
    }

    public DeviceAllocation Adopt(IStateMemory memory, long bytes) => new(memory.Pointer, bytes, memory);

    public void CaptureOn(nint stream, Action record)
    {
        nint before = Stream;
        Stream = stream;
        try
        {
            record();
        }
        finally
        {
            Stream = before;
        }
    }

    public DeviceAllocation Allocate(long bytes)
    {
        CudaBuffer buffer = _context.Allocate(bytes);
        return new DeviceAllocation((long)buffer.Address, bytes, buffer);
    }

    public void Write(long position, ReadOnlySpan<byte> source)
    {
        if (source.Length <= MostStagedBytes)
        {
            _staging.Write((ulong)position, source, Stream);
        }
        else
        {
            _context.Synchronize(Stream);
            _context.CopyToDevice((ulong)position, source);
        }
    }

    public void Fill(long position, long bytes, byte value) =>
        _context.FillAsync((ulong)position, value, bytes, Stream);

    public void Copy(long destination, long source, long bytes) =>
        _context.CopyOnDeviceAsync((ulong)destination, (ulong)source, bytes, Stream);

    public void Read(Span<byte> destination, long position)
    {
        if (!destination.IsEmpty)
        {
            _context.Synchronize(Stream);
            _context.CopyToHost(destination, (ulong)position);
        }
    }

    public DeviceLauncher? Load<TRule>(in LaunchKey key, int phase, StateLevel into = StateLevel.Tensor)
        where TRule : IOptimizerRule<TRule> => Load(
            DeviceKernels.Get<TRule>(key, phase, into),
            PtxCacheKey.For<TRule>(key, phase, _context.Device.Architecture, into));

    public DeviceLauncher? LoadLineKernel<TRule>(int variant, int phase, StateLevel level)
        where TRule : IOptimizerRule<TRule> => Load(
            TRule.GetDeviceLineKernel(variant, phase, level),
            PtxCacheKey.ForLines<TRule>(variant, phase, level, _context.Device.Architecture));

    public DeviceLauncher LoadOwn(DeviceOwnKernel kernel) =>
        Load(DeviceOwnKernels.Of(kernel, isPtx: true), PtxCacheKey.ForOwn(kernel, _context.Device.Architecture))!;

    public DeviceLauncher LoadSquares(ElementType gradientType) =>
        Load(DeviceKernels.Squares(gradientType), PtxCacheKey.ForSquares(gradientType, _context.Device.Architecture))!;

    public DeviceLauncher LoadSquaresFinish() =>
        Load(DeviceGradientSquares.Finish, PtxCacheKey.ForSquaresFinish(_context.Device.Architecture))!;

    public DeviceLauncher LoadFold(bool isOfSquares) => Load(
        isOfSquares ? DevicePartialSums.FoldSquares : DevicePartialSums.Fold,
        PtxCacheKey.ForFold(isOfSquares, _context.Device.Architecture))!;

    public DeviceLauncher? LoadFinish<TRule>(int phase)
        where TRule : IOptimizerRule<TRule> =>
        Load(TRule.GetFinishKernel(phase), PtxCacheKey.ForFinish<TRule>(phase, _context.Device.Architecture));

    private DeviceLauncher? Load(DeviceKernel? kernel, PtxCacheKey key)
    {
        if (kernel is null)
        {
            return null;
        }

        string ptx = TextOf(kernel, key, _cache);
        CudaFunction function = _context.LoadFunction(ptx, PtxCompiler.EntryOf(kernel.Method));
        long maxGroups = (long)_context.Device.MultiprocessorCount * _context.Device.Room.GroupsOf(function, GroupSize);
        return (long groups, in LaunchParameters launch) =>
        {
            int launched = (int)Math.Min(groups, maxGroups);
            var argument = new CudaArguments(WarpSchedule.Share(launch, (long)launched * GroupSize));
            void* pointer = &argument;
            _context.Launch(function, launched, GroupSize, Stream, &pointer);
        };
    }

    /// <summary>A kernel's text, which the process compiles once.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="key">What its text depends on.</param>
    /// <param name="cache">Where texts of other processes are.</param>
    internal static string TextOf(DeviceKernel kernel, PtxCacheKey key, PtxCache cache) => Texts.GetOrAdd(
        key,
        absent => cache.GetOrAdd(absent, () => PtxCompiler.CompileOneOfMany(kernel.Method, absent.Architecture)));

    public void Dispose()
    {
        _staging.Dispose();
        _lastStep.Dispose();
    }

    /// <summary>The bytes of a <see cref="LaunchParameters"/> as kernels take them: a view is its address
    /// and its length.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct CudaArguments(in LaunchParameters launch)
    {
        private readonly ulong _memory = 0;
        private readonly long _memoryLength = long.MaxValue;
        private readonly long _address = 0;
        private readonly long _tensors = launch.Tensors;
        private readonly long _uniforms = launch.Uniforms;
        private readonly long _skipped = launch.Skipped;
        private readonly long _table0 = launch.Table0;
        private readonly long _table1 = launch.Table1;
        private readonly long _table2 = launch.Table2;
        private readonly long _table3 = launch.Table3;
        private readonly long _lines = launch.Lines;
        private readonly uint _blockCount = launch.BlockCount;
        private readonly uint _runLength = launch.RunLength;
        private readonly uint _runGap = launch.RunGap;
        private readonly int _tensorCount = launch.TensorCount;
        private readonly int _uniformCount = launch.UniformCount;
        private readonly int _blockSize = launch.BlockSize;
        private readonly int _lineRowLength = launch.LineRowLength;
    }
}
