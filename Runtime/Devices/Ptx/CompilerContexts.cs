using System.Collections.Concurrent;
using ILGPU;

namespace Requant.Devices.Ptx;

/// <summary>ILGPU's contexts for compiling, kept for a while: one has read the methods that all kernels have in common,
/// and kernels come several in a row.</summary>
internal static class CompilerContexts
{
    private static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(20);

    /// <summary>A context keeps what it has read of every kernel.</summary>
    private const int MostKernels = 16;

    private static readonly ConcurrentStack<(Context Context, int Kernels)> Idle = [];

    private static readonly Timer Release = new(
        _ => DisposeIdle(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    /// <summary>A context of the caller's own.</summary>
    public static Context New() => Context.Create(builder => builder.Optimize(OptimizationLevel.O2));

    /// <summary>Compiles with a context that no other thread uses meanwhile.</summary>
    public static T Use<T>(Func<Context, T> compile)
    {
        if (!Idle.TryPop(out (Context Context, int Kernels) idle))
        {
            idle = (New(), 0);
        }

        T result;
        try
        {
            result = compile(idle.Context);
        }
        catch
        {
            // A failed compilation can leave a context unusable.
            idle.Context.Dispose();
            throw;
        }

        if (idle.Kernels + 1 == MostKernels)
        {
            idle.Context.Dispose();
            return result;
        }

        Idle.Push((idle.Context, idle.Kernels + 1));
        Release.Change(KeptFor, Timeout.InfiniteTimeSpan);
        return result;
    }

    private static void DisposeIdle()
    {
        while (Idle.TryPop(out (Context Context, int Kernels) idle))
        {
            idle.Context.Dispose();
        }
    }
}
