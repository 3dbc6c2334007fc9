namespace Requant.Testing;

/// <summary>The backends of this machine.</summary>
public static class ConformanceBackends
{
    /// <summary>Numbers of threads that the CPU's kernels run on.</summary>
    private static readonly int[] ThreadCounts = [1, 2];

    /// <summary>Scalar kernels and every vector width that the CPU accelerates.</summary>
    /// <returns>One backend for each width and for one and two threads.</returns>
    public static IReadOnlyList<IConformanceBackend> Cpu() =>
        [.. from width in SimdWidths.Supported from threads in ThreadCounts select new CpuBackend(width, threads)];

    /// <summary><see cref="Cpu"/> and ILGPU's CPU accelerator.</summary>
    /// <returns>New backends; the caller disposes those that are disposable.</returns>
    public static IReadOnlyList<IConformanceBackend> OfThisMachine() => [.. Cpu(), new IlgpuBackend()];

    internal static void Dispose(IEnumerable<IConformanceBackend> backends)
    {
        foreach (IDisposable backend in backends.OfType<IDisposable>())
        {
            backend.Dispose();
        }
    }
}
