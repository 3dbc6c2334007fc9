using System.Collections.Concurrent;
using ILGPU;

namespace Requant.Ilgpu;

/// <summary>ILGPU's contexts for compiling, kept for a while: one has read the methods that all kernels have in common, and kernels come
/// several in a row.</summary>
internal static class CompilerContexts
{
    private static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(20);

    private static readonly ConcurrentStack<Context> Idle = [];

    private static readonly Timer Release = new(_ => DisposeIdle(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    /// <summary>Compiles with a context that no other thread uses meanwhile.</summary>
    public static T Use<T>(Func<Context, T> compile)
    {
        if (!Idle.TryPop(out Context? context))
        {
            context = Context.Create(builder => builder.Optimize(OptimizationLevel.O2));
        }

        T result;
        try
        {
            result = compile(context);
        }
        catch
        {
            // A failed compilation can leave a context unusable.
            context.Dispose();
            throw;
        }

        Idle.Push(context);
        Release.Change(KeptFor, Timeout.InfiniteTimeSpan);
        return result;
    }

    private static void DisposeIdle()
    {
        while (Idle.TryPop(out Context? context))
        {
            context.Dispose();
        }
    }
}
