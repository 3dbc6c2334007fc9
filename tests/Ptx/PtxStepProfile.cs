namespace Requant.Ptx;

/// <summary>What the kernels of one step executed, and their traffic with global memory.</summary>
public sealed class PtxStepProfile
{
    internal PtxStepProfile(PtxProfile instructions, IEnumerable<GlobalBuffer> buffers)
    {
        Instructions = instructions;
        Traffic = buffers.ToDictionary(
            buffer => buffer.Name, buffer => new PtxTraffic(buffer.BytesRead, buffer.BytesWritten), StringComparer.Ordinal);
    }

    internal static PtxStepProfile Empty { get; } = new(new PtxProfile(), []);

    /// <summary>Executed instructions, over all phases.</summary>
    public PtxProfile Instructions { get; }

    /// <summary>By buffer: <c>parameter</c>, <c>gradient</c>, <c>uniforms</c>, <c>partials</c>, <c>skipped</c>, and of each
    /// state by its name <c>m.codes</c>, <c>m.absmax</c>, <c>m.codebook</c>, <c>m.thresholds</c> or <c>m.values</c>.</summary>
    public IReadOnlyDictionary<string, PtxTraffic> Traffic { get; }
}

/// <summary>Bytes that lanes moved; the same byte counts each time.</summary>
/// <param name="BytesRead">Loaded.</param>
/// <param name="BytesWritten">Stored.</param>
public readonly record struct PtxTraffic(long BytesRead, long BytesWritten);
