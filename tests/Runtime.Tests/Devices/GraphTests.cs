using Requant.Devices.Driver;
using Requant.Ptx.Cuda;

namespace Requant.Runtime.Tests.Devices;

public sealed unsafe class GraphTests : IDisposable
{
    private readonly InterpretedDriver _driver = new();
    private readonly CudaContext _context;
    private readonly CudaStream _stream;

    public GraphTests()
    {
        _context = CudaContext.Get(_driver, 0);
        _stream = _context.CreateStream();
    }

    public void Dispose()
    {
        _stream.Dispose();
        _driver.Dispose();
    }

    [Fact]
    public void Graph_Launched_DoesTheRecordedWorkEachTime()
    {
        using CudaBuffer sum = VectorAdd.Put(_context, 0, 0);
        using CudaBuffer addend = VectorAdd.Put(_context, 0, 0);
        using CudaPinnedBuffer staged = _context.AllocatePinned(2 * sizeof(float));
        _ = _context.LoadFunction(VectorAdd.Ptx, VectorAdd.Name);
        _context.BeginCapture(_stream.Handle);
        Assert.Equal(CudaCaptureStatus.Active, _context.CaptureStatus(_stream.Handle));
        _context.CopyToDeviceAsync(addend.Address, staged.Pointer, staged.Bytes, _stream.Handle);
        VectorAdd.Launch(_context, sum.Address, addend.Address, 2, _stream.Handle);
        using CudaGraph graph = _context.EndCapture(_stream.Handle);
        Assert.Equal(CudaCaptureStatus.None, _context.CaptureStatus(_stream.Handle));
        Assert.Empty(_driver.Launches);

        (staged.AsSpan<float>()[0], staged.AsSpan<float>()[1]) = (1, 2);
        graph.Launch(_stream.Handle);
        (staged.AsSpan<float>()[0], staged.AsSpan<float>()[1]) = (10, 20);
        graph.Launch(_stream.Handle);
        _context.Synchronize(_stream.Handle);

        Assert.Equal([11f, 22f], VectorAdd.Get(_context, sum));
    }

    [Theory]
    [InlineData(CudaCaptureMode.Global, true)]
    [InlineData(CudaCaptureMode.ThreadLocal, true)]
    [InlineData(CudaCaptureMode.Relaxed, false)]
    internal void Allocate_WhileCapturing_SpoilsTheCaptureUnlessItIsRelaxed(CudaCaptureMode mode, bool isSpoiled)
    {
        _context.BeginCapture(_stream.Handle, mode);

        if (!isSpoiled)
        {
            _context.Allocate(4).Dispose();
            _context.EndCapture(_stream.Handle).Dispose();
            return;
        }

        CudaException failure = Assert.Throws<CudaException>(() => _context.Allocate(4));
        Assert.Contains("Take one step before the capture begins", failure.Message, StringComparison.Ordinal);
        Assert.Equal(CudaCaptureStatus.Invalidated, _context.CaptureStatus(_stream.Handle));
        Assert.Throws<CudaException>(() => _context.EndCapture(_stream.Handle));
        Assert.Equal(CudaCaptureStatus.None, _context.CaptureStatus(_stream.Handle));
    }

    [Fact]
    public void Allocate_OnAnotherThread_LeavesACaptureOfThisThreadAlone()
    {
        _context.BeginCapture(_stream.Handle);

        var other = new Thread(() => _context.Allocate(4).Dispose());
        other.Start();
        other.Join();

        _context.EndCapture(_stream.Handle).Dispose();
    }

    [Fact]
    public void Synchronize_WhileCapturing_SpoilsTheCapture()
    {
        _context.BeginCapture(_stream.Handle, CudaCaptureMode.Relaxed);

        Assert.Throws<CudaException>(() => _context.Synchronize(_stream.Handle));
        Assert.Throws<CudaException>(() => _context.EndCapture(_stream.Handle));
    }

    [Fact]
    public void CopyAsync_OfPageableMemoryWhileCapturing_Fails()
    {
        using CudaBuffer buffer = _context.Allocate(4);
        _context.BeginCapture(_stream.Handle);

        CudaException failure = Assert.Throws<CudaException>(Copy);
        Assert.Equal(("cuMemcpyHtoDAsync", "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED"), (failure.Call, failure.ErrorName));
        Assert.Throws<CudaException>(() => _context.EndCapture(_stream.Handle));

        void Copy()
        {
            float value = 1;
            _context.CopyToDeviceAsync(buffer.Address, &value, sizeof(float), _stream.Handle);
        }
    }

    [Fact]
    public void Dispose_WhileCapturing_ThrowsAndCanBeDoneLater()
    {
        CudaBuffer buffer = _context.Allocate(4);
        _context.BeginCapture(_stream.Handle);

        Assert.Throws<CudaException>(buffer.Dispose);
        Assert.Throws<CudaException>(() => _context.EndCapture(_stream.Handle));
        buffer.Dispose();

        Assert.Equal(0, _driver.AllocatedBytes);
    }

    [Fact]
    public void BeginCapture_OnTheLegacyStream_Fails() => Assert.Throws<CudaException>(() => _context.BeginCapture(0));
}
