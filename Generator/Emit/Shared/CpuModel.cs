using Scriban.Runtime;

namespace Requant.Generator.Emit.Shared;

/// <summary>What the processor's kernels have in common, of one lane and of many: a block's states are decoded to
/// memory before the loop over its elements and encoded behind it.</summary>
internal static class CpuModel
{
    public static void Add(KernelModel kernel, KernelNames names)
    {
        foreach ((int state, ScriptObject model) in kernel.States)
        {
            model["block"] = names.Blocks[state];
        }

        foreach ((Plan.Term term, ScriptObject model) in kernel.Terms)
        {
            model["fold"] = kernel.IsMax(term) ? "BlockMax" : "BlockSum";
        }
    }
}
