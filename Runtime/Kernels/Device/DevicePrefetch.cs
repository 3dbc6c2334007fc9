using System.ComponentModel;
using System.Runtime.CompilerServices;
using ILGPU.Runtime.Cuda;

namespace Requant.CompilerServices;

/// <summary>What a warp prefetches into the cache while it works on a block: the memory of its next one. Each lane asks
/// for one line. For use inside kernels.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public struct DevicePrefetch
{
    /// <summary>Bytes of a cache line.</summary>
    private const int Line = 128;

    private long _address;
    private long _memory;
    private uint _blocks;
    private uint _end;
    private uint _step;
    private int _lines;

    /// <summary>A tensor's elements.</summary>
    /// <param name="launch">Has the device's memory.</param>
    /// <param name="tensor">The tensor.</param>
    /// <param name="readsParameter">Whether parameters are read, and not only gradients.</param>
    /// <typeparam name="TParameter">Type of the parameter's elements.</typeparam>
    /// <typeparam name="TGradient">Type of the gradient's elements.</typeparam>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DevicePrefetch Of<TParameter, TGradient>(
        LaunchParameters launch, DeviceTensor tensor, bool readsParameter)
        where TParameter : struct, IDeviceElementType
        where TGradient : struct, IDeviceElementType
    {
        var prefetch = new DevicePrefetch { _memory = launch.Address, _blocks = tensor.WholeBlocks };
        prefetch.Add(tensor.Gradient.Position, Float32x8.BlockSize * TGradient.Size);
        if (readsParameter)
        {
            prefetch.Add(tensor.Parameter.Position, Float32x8.BlockSize * TParameter.Size);
            if (TParameter.RemainderSize > 0)
            {
                prefetch.Add(tensor.Parameter.Remainder, Float32x8.BlockSize * TParameter.RemainderSize);
            }
        }

        return prefetch;
    }

    /// <summary>Asks for a block of the tensor, if it has that one, without waiting for it.</summary>
    /// <param name="block">The block.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Request(uint block)
    {
        if (CudaAsm.IsSupported && block < _end)
        {
            CudaAsm.Emit("prefetch.global.L2 [%0];", _address + ((long)block * _step));
        }
    }

    /// <summary>Gives lanes that have none the lines of one more piece of memory.</summary>
    /// <param name="position">Where it begins.</param>
    /// <param name="step">Bytes from a block to the next.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Add(long position, int step)
    {
        int line = DeviceGrid.Lane - _lines;
        int lines = (step + Line - 1) / Line;
        if (line >= 0 && line < lines)
        {
            _address = _memory + position + (line * Line);
            _step = (uint)step;
            _end = _blocks;
        }

        _lines += lines;
    }
}
