using Requant.CompilerServices;
using Requant.Numerics;
using Requant.Ptx;
using Requant.Tests;

namespace Requant.Conformance.Devices;

/// <summary>What memory the kernels of the shipped rules need beside tensors.</summary>
public class KernelMemoryTests(ITestOutputHelper output)
{
    /// <summary>What every CUDA device gives a block without being asked for more.</summary>
    private const int MaxSharedBytes = 48 * 1024;

    /// <summary>Those of one type for both are compiled for other tests too; a long run takes all pairs.</summary>
    private static readonly ElementType[] Elements = [ElementType.Float32, ElementType.Float16, ElementType.BFloat16];

    /// <summary>One name for each rule: a rule's check goes through all its variants.</summary>
    /// <summary>In the usual run every other rule.</summary>
    public static TheoryData<string> Rules =>
    [
        .. RuleTable.Names.Where(name => !name.Contains(',')).Where((_, index) => index % LongRun.Of(2, 1) == 0),
    ];

    [Theory]
    [MemberData(nameof(Rules))]
    public void Kernel_OfAnyTypes_HasNoLocalMemoryAndLittleShared(string rule) =>
        RuleTable.With(rule, new MemoryCheck(output));

    private sealed class MemoryCheck(ITestOutputHelper output) : IRuleCheck
    {
        public void Run<TRule>(TRule rule) where TRule : IOptimizerRule<TRule>
        {
            int count = 0;
            int sharedBytes = 0;
            foreach ((string name, PtxKernel kernel) in Kernels<TRule>())
            {
                Assert.False(kernel.UsesLocalMemory, $"{name} uses local memory");
                Assert.True(
                    kernel.SharedBytes <= MaxSharedBytes, $"{name} has {kernel.SharedBytes} bytes of shared memory");
                count++;
                sharedBytes = Math.Max(sharedBytes, kernel.SharedBytes);
            }

            Assert.NotEqual(0, count);
            output.WriteLine($"{count} kernels, at most {sharedBytes} bytes of shared memory");
        }

        private static IEnumerable<(string Name, PtxKernel Kernel)> Kernels<TRule>()
            where TRule : IOptimizerRule<TRule> =>
            from variant in Enumerable.Range(0, TRule.Info.VariantCount)
            from phase in Enumerable.Range(0, TRule.Info.PhaseCount)
            from quantized in new[] { true, false }
            from parameter in Elements
            from gradient in Elements
            where LongRun.IsAskedFor || parameter == gradient
            let kernel = RuleKernels.Get<TRule>(
                variant, phase, quantized ? StateFormat.Declared : StateFormat.Float32, "sm_90", parameter, gradient)
            where kernel is not null
            select ($"{TRule.Info.Name}, variant {variant}, phase {phase}, {(quantized ? "8-bit" : "float32")} states, "
                + $"{parameter.Name()} parameter, {gradient.Name()} gradient", kernel);
    }
}
