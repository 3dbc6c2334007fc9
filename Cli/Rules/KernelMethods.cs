using System.Reflection;
using System.Runtime.CompilerServices;
using Requant.CompilerServices;

namespace Requant.Cli.Rules;

/// <summary>The methods that a CPU kernel is made of.</summary>
/// <param name="Phase">The phase that runs it.</param>
/// <param name="Methods">The innermost first: the loop over vectors, what runs for a block, what runs for a range of
/// blocks.</param>
internal sealed record KernelMethods(int Phase, IReadOnlyList<MethodInfo> Methods)
{
    /// <summary>What the generator appends to a kernel's name for its parts.</summary>
    private static readonly string[] Suffixes = ["Vectors", "Element", "Block", ""];

    /// <summary>Those of all phases of one variant; phases with nothing to do are left out.</summary>
    public static IReadOnlyList<KernelMethods> Of(RuleEntry rule, int variant, SimdWidth width, StateFormat states) =>
    [
        .. from phase in Enumerable.Range(0, rule.Info.PhaseCount)
           let kernel = rule.CpuKernel(variant, phase, width, states)
           where kernel is not null
           select new KernelMethods(phase, PartsOf(kernel)),
    ];

    /// <summary>Has the JIT compile them, which writes their listings where its settings ask for them.</summary>
    public void Prepare()
    {
        foreach (MethodInfo method in Methods)
        {
            RuntimeHelpers.PrepareMethod(
                method.MethodHandle, [.. method.GetGenericArguments().Select(codec => codec.TypeHandle)]);
        }
    }

    private static MethodInfo[] PartsOf(MethodInfo kernel) =>
    [
        .. from suffix in Suffixes
           let part = kernel.DeclaringType!.GetMethod(
               kernel.Name + suffix, BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
           where part is not null
           select part.IsGenericMethodDefinition ? part.MakeGenericMethod(kernel.GetGenericArguments()) : part,
    ];
}
