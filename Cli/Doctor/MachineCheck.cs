using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Requant.Cli.Doctor;

/// <summary>Runtime, operating system, processor.</summary>
internal static class MachineCheck
{
    public static IEnumerable<Finding> Run()
    {
        yield return new Finding(Health.Good, "Requant", RuntimeVersion());
        yield return new Finding(
            Health.Good, "Runtime",
            $"{RuntimeInformation.FrameworkDescription}, {RuntimeInformation.RuntimeIdentifier}");
        yield return new Finding(
            Health.Good, "System", $"{RuntimeInformation.OSDescription.Trim()}, {RuntimeInformation.OSArchitecture}");
        yield return Architecture(RuntimeInformation.ProcessArchitecture, RuntimeInformation.OSArchitecture);
        yield return new Finding(Health.Good, "Processor", $"{Environment.ProcessorCount} cores for this process");
        yield return Simd();
    }

    /// <summary>What the code of this process is for. X64 and Arm64 have the same bits in all tests.</summary>
    internal static Finding Architecture(Architecture process, Architecture system)
    {
        const string Subject = "Architecture";
        if (process != system)
        {
            return new Finding(Health.Missing, Subject, $"{process}, emulated by {system}",
                $"emulated steps are slow. Install .NET for {system}.");
        }

        return process is System.Runtime.InteropServices.Architecture.X64
            or System.Runtime.InteropServices.Architecture.Arm64
            ? new Finding(Health.Good, Subject, $"{process}, on which rules are tested bit for bit")
            : new Finding(Health.Missing, Subject, $"{process}, on which nothing has been tested",
                "check your rules by RuleConformance of the package Requant.Testing.");
    }

    /// <summary>With what marks a pre-release, without the commit.</summary>
    private static string RuntimeVersion() => typeof(RuleInfo).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";

    private static Finding Simd()
    {
        string widths = string.Join(", ", SimdWidths.Supported.Select(Describe));
        string value = $"{widths}; kernels run at {SimdWidths.Widest}";
        if (SimdWidths.Widest == SimdWidth.Scalar)
        {
            return new Finding(Health.Missing, "SIMD", value,
                "no vectors are accelerated, so steps are slow. See that no DOTNET_Enable… variable turns them off.");
        }

        if (Avx512F.IsSupported && !Vector512.IsHardwareAccelerated)
        {
            value += ". AVX-512 is there, and .NET prefers narrower vectors on this processor";
        }

        return new Finding(Health.Good, "SIMD", value);
    }

    private static string Describe(SimdWidth width) => width switch
    {
        SimdWidth.Vector512 => "Vector512 (AVX-512)",
        SimdWidth.Vector256 => "Vector256 (AVX2)",
        SimdWidth.Vector128 when AdvSimd.IsSupported => "Vector128 (NEON)",
        SimdWidth.Vector128 when Sse2.IsSupported => "Vector128 (SSE)",
        _ => width.ToString(),
    };
}
