using System.Collections.Concurrent;
using System.Reflection;
using ILGPU;
using ILGPU.Frontend.DebugInformation;

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

    /// <summary>One that says of each instruction where it comes from.</summary>
    /// <param name="assemblies">Those whose methods are compiled.</param>
    /// <param name="symbolsOf">The portable PDB of one; null where it has none.</param>
    public static Context NewWithLocations(IEnumerable<Assembly> assemblies, Func<Assembly, Stream?> symbolsOf)
    {
        var context = Context.Create(builder =>
        {
            builder.Optimize(OptimizationLevel.O2);
            // The method of that name leaves the property as it is, and the one that sets it turns optimization off.
            typeof(ContextProperties).GetProperty(nameof(ContextProperties.DebugSymbolsMode))!
                .SetValue(builder, DebugSymbolsMode.KernelSourceAnnotations);
        });
        // It reads files that it finds by itself; those within assemblies it must be given.
        var symbols = (DebugInformationManager?)typeof(Context)
            .GetProperty("DebugInformationManager", BindingFlags.Instance | BindingFlags.NonPublic)?.GetValue(context);
        foreach (Assembly assembly in assemblies)
        {
            if (symbols is not null && symbolsOf(assembly) is { } stream)
            {
                symbols.TryLoadSymbols(assembly, stream, out _);
            }
        }

        return context;
    }

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
