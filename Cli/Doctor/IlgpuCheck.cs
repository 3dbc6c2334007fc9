using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using Requant.Cli.Rules;
using Requant.CompilerServices;
using Requant.Devices;

namespace Requant.Cli.Doctor;

/// <summary>ILGPU's CPU accelerator, and its compiler to PTX, which needs no device.</summary>
internal static class IlgpuCheck
{
    /// <summary>Lanes of a CUDA warp, which the kernels count on.</summary>
    private const int WarpSize = 32;

    public static IEnumerable<Finding> Run()
    {
        string version = typeof(Context).Assembly.GetName().Version?.ToString(3) ?? "unknown";
        yield return Try($"ILGPU {version}", CpuAccelerator,
            "its CPU accelerator, which serves tests only, cannot be made on this machine.");
        yield return Try("PTX compiler", CompilePtx,
            "CUDA kernels cannot be compiled on this machine; the CPU kernels do not need them.");
    }

    private static string CpuAccelerator()
    {
        using Context context = Context.Create(builder => builder.CPU(new CPUDevice(WarpSize, 1, 1)));
        using Accelerator accelerator = context.Devices[0].CreateAccelerator(context);
        return $"{accelerator.Name} with warps of {accelerator.WarpSize} lanes, for tests: it is slow";
    }

    private static string CompilePtx()
    {
        string newest = PtxCompiler.Architectures[^1];
        RuleEntry adam = RuleCatalog.Load(path: null).Find("Adam");
        int length = PtxListing.Compile(
            adam, newest, new LaunchKey(0, StateFormat.Declared, ElementType.Float32, ElementType.Float32),
            variant: null).Length;
        return length > 0
            ? $"compiles Adam for {newest}; knows {string.Join(", ", PtxCompiler.Architectures)}"
            : "gives no text";
    }

    private static Finding Try(string subject, Func<string> examine, string remedy)
    {
        try
        {
            return new Finding(Health.Good, subject, examine());
        }
        catch (Exception failure)
        {
            return new Finding(Health.Missing, subject, $"{failure.GetType().Name}: {failure.Message}", remedy);
        }
    }
}
