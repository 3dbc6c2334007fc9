using Requant.CompilerServices;
using Requant.Ptx;
using Requant.Tests;

namespace Requant.Conformance.Devices;

/// <summary>What the PTX of the shipped rules consists of.</summary>
public class KernelTests
{
    /// <summary>In the usual run every other one.</summary>
    public static TheoryData<string> Rules =>
        [.. RuleTable.Names.Where((_, index) => LongRun.IsAskedFor || index % 2 == 0)];

    [Theory]
    [MemberData(nameof(Rules))]
    public void Kernel_OfAnExactRule_HasNothingToContractAndApproximatesInRootsAndQuotientsAlone(string rule) =>
        ForEachKernel(rule, kernel =>
        {
            // No shipped rule writes a fused multiply-add. Those of roots and quotients have registers of their own.
            Assert.Empty(kernel.Contractible);
            Assert.All(kernel.Fused, line => Assert.Contains("%mf", line, StringComparison.Ordinal));
            Assert.All(kernel.Approximate, line => Assert.Matches(@"(rsqrt|rcp)\.approx\.ftz\.f32 %mf\d+, ", line));
        });

    [Theory]
    [MemberData(nameof(Rules))]
    public void Kernel_OfAnyRule_PromisesNoGuardToBeUniform(string rule) =>
        ForEachKernel(rule, kernel => Assert.Empty(kernel.GuardedUniformBranches));

    /// <summary>All codes are arithmetic: nothing is shared, waited for, or kept outside of registers.</summary>
    [Theory]
    [MemberData(nameof(Rules))]
    public void Kernel_OfMiniFloatStates_HasNoTable(string rule) => RuleTable.With(
        rule, new KernelCheck(
            kernel =>
            {
                Assert.Equal((0, 0), (kernel.SharedBytes, kernel.LocalBytes));
                Assert.DoesNotContain(kernel.Opcodes.Keys, opcode => opcode.Contains("shared", StringComparison.Ordinal)
                    || opcode.StartsWith("bar.", StringComparison.Ordinal));
            },
            [new(StateCodecs.MiniFloat), new(StateCodecs.MiniFloat, StateRounding.Stochastic)]));

    [Fact]
    public void Contractible_UnroundedArithmetic_IsListedWithItsLine()
    {
        PtxKernel kernel = PtxModule.Parse("""
            .visible .entry k()
            {
                .reg .f32 %f<4>; .reg .b32 %r<4>;
                add.f32 %f1, %f2, %f3;
                mul.rn.f32 %f1, %f2, %f3;
                sub.ftz.f32 %f1, %f2, %f3;
                add.u32 %r1, %r2, %r3;
                fma.rn.f32 %f1, %f2, %f3, %f1;
                mad.lo.u32 %r1, %r2, %r3, %r1;
                ret;
            }
            """).Kernels.Single();

        Assert.Equal(["line 4: add.f32 %f1, %f2, %f3", "line 6: sub.ftz.f32 %f1, %f2, %f3"], kernel.Contractible);
        Assert.Equal(["line 8: fma.rn.f32 %f1, %f2, %f3, %f1"], kernel.Fused);
        Assert.Equal(1, kernel.Opcodes["mad.lo.u32"]);
    }

    [Fact]
    public void Approximate_OfEachKind_IsListedWithItsLine()
    {
        PtxKernel kernel = PtxModule.Parse("""
            .visible .entry k()
            {
                .reg .f32 %f<4>;
                div.full.f32 %f1, %f2, %f3;
                div.rn.f32 %f1, %f2, %f3;
                sqrt.approx.ftz.f32 %f1, %f2;
                rsqrt.approx.f32 %f1, %f2;
                ret;
            }
            """).Kernels.Single();

        Assert.Equal(
            [
                "line 4: div.full.f32 %f1, %f2, %f3",
                "line 6: sqrt.approx.ftz.f32 %f1, %f2",
                "line 7: rsqrt.approx.f32 %f1, %f2",
            ],
            kernel.Approximate);
    }

    [Fact]
    public void GuardedUniformBranches_OfEachKind_AreListed()
    {
        PtxKernel kernel = PtxModule.Parse("""
            .visible .entry k()
            {
                .reg .pred %p; .reg .b32 %r;
                bra.uni A;
                A: @%p bra.uni B;
                B: @!%p bra C;
                C: T: .branchtargets A, B;
                brx.idx.uni %r, T;
            }
            """).Kernels.Single();

        Assert.Equal(["line 5: bra.uni B", "line 8: brx.idx.uni %r, T"], kernel.GuardedUniformBranches);
    }

    [Fact]
    public void Parameters_OfEveryKernel_AreTheStructsOfTheDelegate()
    {
        PtxKernel kernel = RuleKernels.Get<Optimizers.Adam>(0, 0, StateFormat.Declared, "sm_80")!;

        Assert.Equal(typeof(DeviceKernel).GetMethod("Invoke")!.GetParameters().Length, kernel.ParameterBytes.Count);
        Assert.StartsWith("Kernel_", kernel.Name, StringComparison.Ordinal);
    }

    private static void ForEachKernel(string rule, Action<PtxKernel> assert) => RuleTable.With(
        rule, new KernelCheck(assert, [StateFormat.Declared, StateFormat.Float32, new(StateCodecs.MiniFloat)]));

    private sealed class KernelCheck(Action<PtxKernel> assert, StateFormat[] formats) : IRuleCheck
    {
        public void Run<TRule>(TRule rule) where TRule : IOptimizerRule<TRule>
        {
            for (int variant = 0; variant < TRule.Info.VariantCount; variant++)
            {
                for (int phase = 0; phase < TRule.Info.PhaseCount; phase++)
                {
                    foreach (StateFormat states in formats)
                    {
                        if (RuleKernels.Get<TRule>(variant, phase, states, "sm_90") is { } kernel)
                        {
                            assert(kernel);
                        }
                    }
                }
            }
        }
    }
}
