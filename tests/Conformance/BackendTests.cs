using ILGPU;
using ILGPU.Runtime.CPU;
using Requant.Cpu;

namespace Requant.Conformance;

/// <summary>Scalar is what a rule means; every other backend leaves the same bits.</summary>
public class BackendTests
{
    public static TheoryData<string> Rules => [.. CaseTable.Rules];

    [Theory]
    [MemberData(nameof(Rules))]
    public void Simd_EveryWidthAndThreadCount_EqualsScalar(string rule) => CaseTable.With(rule, new CpuCheck());

    [Theory]
    [MemberData(nameof(Rules))]
    public void Ilgpu_CpuAccelerator_EqualsScalar(string rule) => CaseTable.With(rule, new IlgpuCheck());

    [Fact]
    public void Widths_OnThisMachine_IncludeVectors() => Assert.Contains(SimdWidths.Supported, width => width != SimdWidth.Scalar);

    private sealed class CpuCheck : ICheck
    {
        public void Run<TRule>(TRule rule) where TRule : IOptimizerRule<TRule>
        {
            foreach (Case data in CaseTable.Cpu(TRule.Info))
            {
                Run expected = Conformance.Run.OnCpu(rule, data, SimdWidth.Scalar, threads: 1);
                foreach (SimdWidth width in SimdWidths.Supported)
                {
                    foreach (int threads in (int[])[1, 2])
                    {
                        expected.AssertSame(Conformance.Run.OnCpu(rule, data, width, threads), $"{data}, {width}, {threads} thread(s)");
                    }
                }
            }
        }
    }

    private sealed class IlgpuCheck : ICheck
    {
        public void Run<TRule>(TRule rule) where TRule : IOptimizerRule<TRule>
        {
            using Context context = Context.Create(builder => builder.CPU(new CPUDevice(32, 1, 1)));
            using CPUAccelerator accelerator = context.CreateCPUAccelerator(0);
            foreach (Case data in CaseTable.Ilgpu(TRule.Info))
            {
                Run expected = Conformance.Run.OnCpu(rule, data, SimdWidth.Scalar, threads: 1);
                expected.AssertSame(Conformance.Run.OnIlgpu(rule, data, accelerator), $"{data}, ILGPU");
            }
        }
    }
}
