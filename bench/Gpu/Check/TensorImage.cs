using System.Runtime.InteropServices;

namespace Requant.Bench.Gpu.Check;

/// <summary>Tensors side by side as they are in memory, each behind a gap that no kernel may touch.</summary>
internal sealed class TensorImage
{
    /// <summary>Every driver's and libtorch's allocations begin at multiples of this.</summary>
    public const int Alignment = 256;

    private const byte GapFill = 0xA5;

    private readonly long[] _offsets;
    private readonly int[] _bytes;

    /// <param name="lengths">Elements of each tensor.</param>
    /// <param name="elementBytes">Bytes of an element.</param>
    /// <param name="isShifted">Whether a tensor begins an element behind where allocations do.</param>
    /// <param name="content">A tensor's bytes.</param>
    public TensorImage(
        IReadOnlyList<int> lengths, int elementBytes, Func<int, bool> isShifted, Func<int, byte[]> content)
    {
        _offsets = new long[lengths.Count];
        _bytes = [.. lengths.Select(length => checked(length * elementBytes))];
        long end = 0;
        for (int tensor = 0; tensor < lengths.Count; tensor++)
        {
            _offsets[tensor] = ((end / Alignment) + 1) * Alignment + (isShifted(tensor) ? elementBytes : 0);
            end = _offsets[tensor] + _bytes[tensor];
        }

        Memory = Allocate(checked((int)(end + Alignment)));
        Memory.AsSpan().Fill(GapFill);
        for (int tensor = 0; tensor < lengths.Count; tensor++)
        {
            content(tensor).CopyTo(Tensor(Memory, tensor));
        }
    }

    /// <summary>All bytes, which the collector does not move.</summary>
    public byte[] Memory { get; }

    /// <summary>Tensors.</summary>
    public int Count => _offsets.Length;

    /// <summary>Bytes before a tensor.</summary>
    public long Offset(int tensor) => _offsets[tensor];

    /// <summary>A tensor's bytes in any memory that is laid out as this.</summary>
    public Span<byte> Tensor(byte[] memory, int tensor) => memory.AsSpan((int)_offsets[tensor], _bytes[tensor]);

    /// <summary>The bytes between a tensor and the one before it, or the end; the last gap has the
    /// number of tensors.</summary>
    public Span<byte> Gap(byte[] memory, int tensor)
    {
        int begin = tensor == 0 ? 0 : (int)_offsets[tensor - 1] + _bytes[tensor - 1];
        return memory.AsSpan(begin..(tensor == Count ? memory.Length : (int)_offsets[tensor]));
    }

    /// <summary>A copy of the memory.</summary>
    public byte[] Copy()
    {
        byte[] copy = Allocate(Memory.Length);
        Memory.CopyTo(copy, 0);
        return copy;
    }

    /// <summary>The address of the first byte of what <see cref="Copy"/> or <see cref="Memory"/> gave.</summary>
    public static nint Address(byte[] memory) => Marshal.UnsafeAddrOfPinnedArrayElement(memory, 0);

    private static byte[] Allocate(int bytes) => GC.AllocateUninitializedArray<byte>(bytes, pinned: true);
}
