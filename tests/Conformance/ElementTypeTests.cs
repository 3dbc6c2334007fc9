using ILGPU;
using ILGPU.Runtime.CPU;
using Requant.Cpu;

namespace Requant.Conformance;

/// <summary>Parameters and gradients of every type: what a step means on 16-bit elements, and that all backends agree.</summary>
public class ElementTypeTests
{
    private static readonly string[] Rules = ["Adam", "Momentum", "Lamb"];

    public static TheoryData<string, ElementType, ElementType> Cases =>
    [
        .. from rule in Rules
           from parameter in Enum.GetValues<ElementType>()
           from gradient in Enum.GetValues<ElementType>()
           select (rule, parameter, gradient),
    ];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Scalar_AnyTypes_WidensStepsInFloat32AndRounds(string rule, ElementType parameter, ElementType gradient) =>
        CaseTable.With(rule, new ReferenceCheck(parameter, gradient));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Simd_AnyTypes_EqualsScalar(string rule, ElementType parameter, ElementType gradient) =>
        CaseTable.With(rule, new CpuCheck(parameter, gradient));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Ilgpu_AnyTypes_EqualsScalar(string rule, ElementType parameter, ElementType gradient) =>
        CaseTable.With(rule, new IlgpuCheck(parameter, gradient));

    private sealed class ReferenceCheck(ElementType parameter, ElementType gradient) : ICheck
    {
        public void Run<TRule>(TRule rule) where TRule : IOptimizerRule<TRule>
        {
            foreach (ElementCase data in ElementCase.All(parameter, gradient))
            {
                ElementRun.AssertWidensStepsAndRounds(rule, data);
            }
        }
    }

    private sealed class CpuCheck(ElementType parameter, ElementType gradient) : ICheck
    {
        public void Run<TRule>(TRule rule) where TRule : IOptimizerRule<TRule>
        {
            foreach (ElementCase data in ElementCase.All(parameter, gradient))
            {
                ElementRun expected = ElementRun.OnCpu(rule, data, SimdWidth.Scalar, threads: 1);
                foreach (SimdWidth width in SimdWidths.Supported)
                {
                    expected.AssertSame(ElementRun.OnCpu(rule, data, width, threads: 2), $"{data}, {width}");
                }
            }
        }
    }

    private sealed class IlgpuCheck(ElementType parameter, ElementType gradient) : ICheck
    {
        public void Run<TRule>(TRule rule) where TRule : IOptimizerRule<TRule>
        {
            using Context context = Context.Create(builder => builder.CPU(new CPUDevice(32, 1, 1)));
            using CPUAccelerator accelerator = context.CreateCPUAccelerator(0);
            foreach (ElementCase data in ElementCase.All(parameter, gradient))
            {
                ElementRun expected = ElementRun.OnCpu(rule, data, SimdWidth.Scalar, threads: 1);
                expected.AssertSame(ElementRun.OnIlgpu(rule, data, accelerator), $"{data}, ILGPU");
            }
        }
    }
}
