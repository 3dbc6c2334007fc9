using System.Runtime.InteropServices;
using Requant.Devices;
using Requant.Devices.Driver;

namespace Requant.Bench.Gpu.Rules;

/// <summary>Compiles kernels, and asks the driver what it made of them.</summary>
internal static unsafe class KernelInventory
{
    /// <summary>Compiles texts into a cache on disk in the background, on half of the cores: where the text is not
    /// ready, a step compiles it itself. Failures are left to that step.</summary>
    public static void Prefetch(PtxCache cache, IReadOnlyList<RuleKernel> kernels)
    {
        if (cache.Root is null)
        {
            return;
        }

        var options = new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, Environment.ProcessorCount / 2) };
        _ = Task.Run(() => Parallel.ForEach(kernels, options, kernel =>
        {
            try
            {
                _ = kernel.Ptx(cache);
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                // The step that needs it compiles it again and reports this.
            }
        }));
    }

    /// <summary>What the driver says of a kernel; loads it if no step has.</summary>
    public static KernelRow Describe(GpuSession session, RuleKernel kernel)
    {
        (string text, _) = kernel.Ptx(session.Device.Cache);
        CudaFunction function = session.Context.LoadFunction(text, kernel.Entry);
        return Row(kernel, text) with
        {
            Registers = function.Registers,
            LocalBytes = function.LocalBytes,
            SharedBytes = function.SharedBytes,
            GroupsPerMultiprocessor = Occupancy(session.Context, function),
        };
    }

    /// <summary>What is known of a kernel without a driver.</summary>
    public static KernelRow Row(RuleKernel kernel, string text) => new(
        kernel.Key.Rule, kernel.Types, kernel.Kind, kernel.Key.Variant, kernel.Key.Phase, text.Length, null, null, null,
        PtxCompiler.GroupSize, null);

    /// <summary>Groups that a multiprocessor holds at a time. Optimizers do not ask for it, so that it is no call of
    /// <see cref="ICudaDriver"/>.</summary>
    private static int? Occupancy(CudaContext context, CudaFunction function)
    {
        const string name = "cuOccupancyMaxActiveBlocksPerMultiprocessor";
        if (context.Driver is not CudaDriver || !NativeLibrary.TryLoad(CudaDriver.LibraryName, out nint library)
            || !NativeLibrary.TryGetExport(library, name, out nint export))
        {
            return null;
        }

        using CudaContext.Scope scope = context.Enter();
        int groups;
        var call = (delegate* unmanaged<int*, nint, int, nuint, int>)export;
        return call(&groups, function.Handle, PtxCompiler.GroupSize, 0) == 0 ? groups : null;
    }
}
