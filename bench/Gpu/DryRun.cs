using System.Diagnostics;
using Requant.Bench.Gpu.Rules;
using Requant.Devices;

namespace Requant.Bench.Gpu;

/// <summary>Compiles all kernels of a plan, which needs no GPU: shows that the executable has all it takes, and fills
/// the cache that a run with a GPU reads.</summary>
internal static class DryRun
{
    /// <summary>What kernels are compiled for.</summary>
    private const string Architecture = "sm_90";

    /// <summary>Lists each kernel as soon as it is compiled.</summary>
    /// <returns>Whether all were.</returns>
    public static bool Run(GpuPlan plan, PtxCache cache, TextWriter output)
    {
        long start = Stopwatch.GetTimestamp();
        RuleKernel[] kernels =
            [.. plan.Cases.SelectMany(one => one.Kernels(Architecture)).DistinctBy(kernel => kernel.Key)];
        int failed = 0;
        int compiled = 0;
        long bytes = 0;
        _ = Parallel.ForEach(kernels, kernel =>
        {
            string line = Describe(kernel, cache, out int? length, out bool isNew);
            lock (output)
            {
                output.WriteLine(line);
                output.Flush();
                failed += length is null ? 1 : 0;
                compiled += isNew ? 1 : 0;
                bytes += length ?? 0;
            }
        });
        output.WriteLine(
            $"{kernels.Length} kernels for {Architecture}: {compiled} compiled now, "
            + $"{kernels.Length - compiled - failed} from "
            + $"{cache.Root ?? "no cache"}, {failed} failed; {bytes} bytes of PTX in "
            + FormattableString.Invariant($"{Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s"));
        return failed == 0 && kernels.Length > 0;
    }

    private static string Describe(RuleKernel kernel, PtxCache cache, out int? length, out bool isNew)
    {
        long start = Stopwatch.GetTimestamp();
        length = null;
        isNew = false;
        PtxCacheKey key = kernel.Key;
        string name = $"{key.Rule,-10} {kernel.Types,-9} {kernel.Kind,-20} variant {key.Variant} phase {key.Phase}";
        try
        {
            (string text, isNew) = kernel.Ptx(cache);
            length = text.Length;
            double ms = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            return FormattableString.Invariant(
                $"{name} {length,7} bytes {ms,6:F0} ms{(isNew ? "" : ", from the cache")}");
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // Whatever the compiler throws, the other kernels are of interest too.
            return $"{name} failed: {failure.GetType().Name}: {failure.Message}";
        }
    }
}
