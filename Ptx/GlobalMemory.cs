using Requant.Ptx.Execution;

namespace Requant.Ptx;

/// <summary>The global memory of a device: buffers with gaps between them, in which every access is an error.</summary>
public sealed class GlobalMemory
{
    /// <summary>Buffers begin at multiples of it, as those of cudaMalloc do.</summary>
    public const int Alignment = 256;

    private const ulong DefaultFirst = 0x7f00_0000_0000;

    /// <summary>More than a kernel runs past an end by mistake.</summary>
    private const ulong Gap = 1 << 20;

    private readonly List<GlobalBuffer> _buffers = [];
    private ulong _next;

    /// <summary>Makes a memory without buffers.</summary>
    public GlobalMemory()
        : this(DefaultFirst)
    {
    }

    internal GlobalMemory(ulong first) => _next = first;

    /// <summary>The buffers in the order of their addresses.</summary>
    public IReadOnlyList<GlobalBuffer> Buffers => _buffers;

    /// <summary>Makes <paramref name="bytes"/> visible to kernels.</summary>
    /// <param name="name">Name for messages and counts.</param>
    /// <param name="bytes">Any number; used in place, not copied.</param>
    /// <param name="isWritable">Whether kernels may store to it.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public GlobalBuffer Add(string name, byte[] bytes, bool isWritable)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(bytes);
        var buffer = new GlobalBuffer(name, _next, bytes, isWritable);
        _buffers.Insert(LastAtOrBelow(_next) + 1, buffer);
        _next = (_next + (ulong)bytes.Length + Gap + Alignment - 1) / Alignment * Alignment;
        return buffer;
    }

    /// <summary>Makes memory of the process visible to kernels, at its own address, until it is removed or other memory
    /// is added where it was.</summary>
    internal GlobalBuffer AddNative(string name, nint address, int length)
    {
        ulong end = (ulong)address + (ulong)length;
        int index = LastAtOrBelow((ulong)address);
        if (index >= 0 && _buffers[index].Address == (ulong)address && _buffers[index].Length == length)
        {
            return _buffers[index];
        }

        _buffers.RemoveAll(one => one.Address < end && one.Address + (ulong)one.Length > (ulong)address);
        var buffer = new GlobalBuffer(name, new NativeBytes(address, length));
        _buffers.Insert(LastAtOrBelow((ulong)address) + 1, buffer);
        return buffer;
    }

    /// <summary>Takes a buffer away; an access to it is an error from then on, and nothing gets its
    /// addresses again.</summary>
    /// <param name="buffer">From <see cref="Add"/>.</param>
    /// <returns>Whether it was there.</returns>
    internal bool Remove(GlobalBuffer buffer) => _buffers.Remove(buffer);

    /// <summary>The buffer that holds all of an access, or null.</summary>
    internal GlobalBuffer? Find(ulong address, int size)
    {
        int index = LastAtOrBelow(address);
        return index >= 0 && _buffers[index].Contains(address, size) ? _buffers[index] : null;
    }

    /// <summary>Says where an address is that no buffer holds.</summary>
    internal string Describe(ulong address, int size)
    {
        int index = LastAtOrBelow(address);
        if (index < 0)
        {
            return $"{size} bytes at 0x{address:x}, which is in no buffer";
        }

        GlobalBuffer buffer = _buffers[index];
        return $"{size} bytes at byte {address - buffer.Address} of '{buffer.Name}', which has {buffer.Length}";
    }

    private int LastAtOrBelow(ulong address)
    {
        int low = 0;
        int high = _buffers.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_buffers[middle].Address <= address)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low - 1;
    }
}
