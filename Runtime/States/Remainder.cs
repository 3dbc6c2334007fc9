namespace Requant.States;

/// <summary>The remainders of a parameter of bfloat16: int16[n]; see <see cref="Numerics.Remainder16"/>.</summary>
/// <param name="create">Makes its memory.</param>
/// <param name="length">Elements.</param>
internal sealed class Remainder(Func<StateStorage> create, long length)
{
    /// <summary>What its memory is called.</summary>
    public const string Name = "remainder";

    private StateStorage? _storage;

    public bool IsAllocated => _storage is not null;

    public long Length => length;

    public long Bytes => IsAllocated ? length * sizeof(short) : 0;

    /// <summary>Where the remainders are; only once there is memory.</summary>
    public StateStorage Storage => _storage!;

    /// <summary>Gives it memory, with all remainders 0, unless it has some.</summary>
    public void Allocate() => _storage ??= create();

    /// <summary>Remainders from <paramref name="start"/> on, as bytes.</summary>
    public ReadOnlySpan<byte> Read(long start, int count) =>
        Storage.ReadCodes(start * sizeof(short), count * sizeof(short));

    /// <summary>Sets remainders from <paramref name="start"/> on.</summary>
    public void Write(long start, ReadOnlySpan<byte> bytes) => Storage.WriteCodes(start * sizeof(short), bytes);

    public void Clear() => _storage?.Clear();

    /// <summary>Takes another's remainders; 0 where it has none.</summary>
    public void CopyFrom(Remainder source)
    {
        const int Most = 1 << 20;
        if (!source.IsAllocated)
        {
            Clear();
            return;
        }

        Allocate();
        for (long start = 0; start < length; start += Most)
        {
            Write(start, source.Read(start, (int)Math.Min(Most, length - start)));
        }

        // The spans are of memory that may be freed with its owner.
        GC.KeepAlive(source);
        GC.KeepAlive(this);
    }

    public void Dispose()
    {
        _storage?.Dispose();
        _storage = null;
    }
}
