using System.Runtime.InteropServices;
using Requant.Cli.Commands;
using Requant.Cli.Doctor;
using Requant.Cli.Output;
using Xunit;

namespace Requant.Cli.Tests;

public class DoctorTests
{
    [Fact]
    public void Doctor_ThisMachine_ExaminesEverythingAndSucceeds()
    {
        Invocation doctor = Invocation.Run("doctor");

        Assert.Equal(0, doctor.ExitCode);
        Assert.Empty(doctor.Error);
        foreach (string subject in new[]
        {
            "Requant", "Runtime", "System", "Architecture", "Processor", "SIMD", "CPU kernels", "ILGPU",
            "PTX compiler", "CUDA driver",
        })
        {
            Assert.Matches($@"(?m)^(ok|--)  {subject} ", doctor.Output);
        }
    }

    [Fact]
    public void CpuKernels_EveryWidth_GivesTheSameBits() => Assert.Equal(Health.Good, CpuKernelCheck.Run().Health);

    [Theory]
    [InlineData(Architecture.X64, Architecture.X64, Health.Good, "X64, on which rules are tested")]
    [InlineData(Architecture.Arm64, Architecture.Arm64, Health.Good, "Arm64, on which rules are tested")]
    [InlineData(Architecture.X64, Architecture.Arm64, Health.Missing, "X64, emulated by Arm64")]
    [InlineData(Architecture.RiscV64, Architecture.RiscV64, Health.Missing, "RiscV64, on which nothing")]
    internal void Architecture_OfAProcess_IsTestedOrNot(
        Architecture process, Architecture system, Health health, string value)
    {
        Finding finding = MachineCheck.Architecture(process, system);

        Assert.Equal(health, finding.Health);
        Assert.StartsWith(value, finding.Value, StringComparison.Ordinal);
        Assert.Equal(health != Health.Good, finding.Remedy is not null);
    }

    [Theory]
    [InlineData(Health.Good, 0, "ok  Thing")]
    [InlineData(Health.Missing, 0, "--  Thing")]
    [InlineData(Health.Broken, 1, "!!  Thing")]
    internal void Doctor_Finding_DecidesTheExitCode(Health health, int exitCode, string row)
    {
        using var output = new StringWriter();

        Assert.Equal(exitCode, DoctorCommand.Run(
            [new Finding(health, "Thing", "value", "do this.")], new Terminal(output, TextWriter.Null)));
        Assert.Contains(row, output.ToString(), StringComparison.Ordinal);
        Assert.EndsWith("Thing: do this.\n", output.ToString().ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }
}
