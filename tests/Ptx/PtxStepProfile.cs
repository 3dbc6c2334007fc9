namespace Requant.Ptx;

/// <summary>What the kernels of one step executed, and their traffic with global memory.</summary>
public sealed class PtxStepProfile
{
    internal PtxStepProfile(PtxProfile instructions, IEnumerable<GlobalBuffer> buffers)
    {
        Instructions = instructions;
        Traffic = buffers.ToDictionary(
            buffer => buffer.Name, PtxTraffic.Of, StringComparer.Ordinal);
    }

    internal static PtxStepProfile Empty { get; } = new(new PtxProfile(), []);

    /// <summary>Executed instructions, over all phases.</summary>
    public PtxProfile Instructions { get; }

    /// <summary>By buffer: <c>parameter</c>, <c>gradient</c>, <c>uniforms</c>, <c>partials</c>, <c>skipped</c>, and of each
    /// state by its name <c>m.codes</c>, <c>m.absmax</c>, <c>m.codebook</c>, <c>m.thresholds</c> or <c>m.values</c>.</summary>
    public IReadOnlyDictionary<string, PtxTraffic> Traffic { get; }
}

/// <summary>What lanes moved between themselves and a buffer.</summary>
/// <param name="BytesRead">Loaded; the same byte counts each time.</param>
/// <param name="BytesWritten">Stored; the same byte counts each time.</param>
public readonly record struct PtxTraffic(long BytesRead, long BytesWritten)
{
    /// <summary>Loaded, where the lanes of one instruction of a warp count each byte once.</summary>
    public long DistinctBytesRead { get; init; }

    /// <summary>Stored, where the lanes of one instruction of a warp count each byte once.</summary>
    public long DistinctBytesWritten { get; init; }

    /// <summary>Sectors of 32 bytes loaded from, where the lanes of one instruction of a warp count each once.</summary>
    public long SectorsRead { get; init; }

    /// <summary>Sectors of 32 bytes stored to, where the lanes of one instruction of a warp count each once.</summary>
    public long SectorsWritten { get; init; }

    /// <summary>Updated atomically, which is a part of both what was read and what was written; the same byte counts each
    /// time.</summary>
    public long BytesUpdated { get; init; }

    internal static PtxTraffic Of(GlobalBuffer buffer) => new(buffer.BytesRead, buffer.BytesWritten)
    {
        DistinctBytesRead = buffer.DistinctBytesRead,
        DistinctBytesWritten = buffer.DistinctBytesWritten,
        SectorsRead = buffer.SectorsRead,
        SectorsWritten = buffer.SectorsWritten,
        BytesUpdated = buffer.BytesUpdated,
    };
}
