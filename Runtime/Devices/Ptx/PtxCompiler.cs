using System.Collections.Immutable;
using System.Reflection;
using ILGPU;
using ILGPU.Backends;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using Requant.CompilerServices;
using Requant.Devices.Matrices;
using Requant.Devices.Ptx;

namespace Requant;

/// <summary>Compiles generated device kernels to PTX text; needs no device and no driver.</summary>
public static class PtxCompiler
{
    /// <summary>Threads per group that kernels are launched with.</summary>
    public const int GroupSize = 256;

    /// <summary>The first CUDA architecture with warp shuffles of independently scheduled threads.</summary>
    private static readonly (string Name, CudaArchitecture Architecture)[] Known =
    [
        ("sm_70", CudaArchitecture.SM_70),
        ("sm_75", CudaArchitecture.SM_75),
        ("sm_80", CudaArchitecture.SM_80),
        ("sm_86", CudaArchitecture.SM_86),
        ("sm_89", CudaArchitecture.SM_89),
        ("sm_90", CudaArchitecture.SM_90),
    ];

    /// <summary>Names of the architectures that <see cref="Compile"/> takes.</summary>
    public static IReadOnlyList<string> Architectures { get; } = Array.ConvertAll(Known, known => known.Name);

    /// <summary>Compiles one kernel.</summary>
    /// <param name="kernel">A static method of the shape of <see cref="DeviceKernel"/>: its delegate's
    /// <c>Method</c>. Its <see cref="LaunchParameters.Memory"/> must begin at address 0: positions are addresses.
    /// It is launched in groups of <see cref="GroupSize"/>.</param>
    /// <param name="arch">One of <see cref="Architectures"/>, as in <c>sm_90</c>.</param>
    /// <returns>PTX with one entry, <c>Kernel_</c> and the method's name. Additions, subtractions and multiplications
    /// are marked <c>.rn</c>, which keeps the driver's assembler from fusing them.</returns>
    /// <exception cref="ArgumentException"><paramref name="arch"/> is not known; the message lists those that
    /// are.</exception>
    public static string Compile(MethodInfo kernel, string arch)
    {
        using Context context = CompilerContexts.New();
        return Write(kernel, arch, write => write(context));
    }

    /// <summary>The same for one of many kernels, which share what they have in common. In which registers values are
    /// may depend on the kernels before.</summary>
    internal static string CompileOneOfMany(MethodInfo kernel, string arch) =>
        Write(kernel, arch, CompilerContexts.Use);

    /// <summary>The same with the lines of the generated file that each line of the text comes from.</summary>
    /// <param name="kernel">As given to <see cref="Compile"/>.</param>
    /// <param name="arch">One of <see cref="Architectures"/>.</param>
    /// <param name="file">How the name of that file ends.</param>
    /// <param name="symbolsOf">The portable PDB of an assembly; null where it has none.</param>
    internal static (string Text, ImmutableSortedSet<int>[] Origins) CompileWithOrigins(
        MethodInfo kernel, string arch, string file, Func<Assembly, Stream?> symbolsOf)
    {
        using Context context = CompilerContexts.NewWithLocations(
            new[] { kernel.DeclaringType!.Assembly, typeof(LaunchParameters).Assembly }.Distinct(), symbolsOf);
        string text = Translate(kernel, arch, write => write(context));
        (text, int[] lines) = PtxOrigins.Take(text, file);
        return PtxRewriter.Rewrite(PtxNames.Renumber(text), lines, ArchitectureOf(kernel, arch), IsFused(kernel));
    }

    private static string Write(MethodInfo kernel, string arch, Func<Func<Context, string>, string> use) =>
        PtxRewriter.Rewrite(
            PtxNames.Renumber(Translate(kernel, arch, use)), ArchitectureOf(kernel, arch), IsFused(kernel));

    private static string Translate(MethodInfo kernel, string arch, Func<Func<Context, string>, string> use)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        ArgumentNullException.ThrowIfNull(arch);
        int index = Array.FindIndex(Known, known => known.Name == arch);
        if (index < 0)
        {
            throw new ArgumentException(
                $"Architecture '{arch}' is not known; use one of {string.Join(", ", Architectures)}.", nameof(arch));
        }

        return use(context =>
        {
            using var backend = new PTXBackend(
                context, Known[index].Architecture, CudaInstructionSet.ISA_78, nvvmAPI: null!);
            EntryPointDescription entry = EntryPointDescription.FromExplicitlyGroupedKernel(kernel);
            return ((PTXCompiledKernel)backend.Compile(entry, new KernelSpecialization(GroupSize, null))).PTXAssembly;
        });
    }

    private static string? ArchitectureOf(MethodInfo kernel, string arch) =>
        kernel.GetParameters() is [var launch] && launch.ParameterType == typeof(LaunchParameters) ? arch : null;

    private static bool IsFused(MethodInfo kernel) => kernel.IsGenericMethod
        && Array.Exists(kernel.GetGenericArguments(), type => type == typeof(PtxMultiplyAdd));

    /// <summary>Name of a kernel's entry in its PTX.</summary>
    /// <param name="kernel">As given to <see cref="Compile"/>.</param>
    public static string EntryOf(MethodInfo kernel)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        return "Kernel_" + kernel.Name;
    }
}
