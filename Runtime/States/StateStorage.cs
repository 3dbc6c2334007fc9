namespace Requant.States;

/// <summary>Where one state's codes and absmax, or its float32 values, lie: host memory or a
/// device's.</summary>
internal abstract class StateStorage : IDisposable
{
    /// <summary>Codes from <paramref name="start"/> on, on the host.</summary>
    public abstract ReadOnlySpan<byte> ReadCodes(long start, int count);

    public abstract ReadOnlySpan<float> ReadAbsmax(long start, int count);

    public abstract ReadOnlySpan<float> ReadValues(long start, int count);

    public abstract void WriteCodes(long start, ReadOnlySpan<byte> codes);

    public abstract void WriteAbsmax(long start, ReadOnlySpan<float> absmax);

    public abstract void WriteValues(long start, ReadOnlySpan<float> values);

    /// <summary>Sets every value to 0.</summary>
    public abstract void Clear();

    public abstract void Dispose();
}
