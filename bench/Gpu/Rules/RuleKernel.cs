using System.Reflection;
using Requant.Devices;

namespace Requant.Bench.Gpu.Rules;

/// <summary>A kernel that a step launches.</summary>
/// <param name="Key">What its text depends on.</param>
/// <param name="Method">The generated method.</param>
internal sealed record RuleKernel(PtxCacheKey Key, MethodInfo Method)
{
    /// <summary>Name of its entry.</summary>
    public string Entry => PtxCompiler.EntryOf(Method);

    /// <summary>What its states are, or <c>finish</c> for one that computes what becomes known
    /// between two passes.</summary>
    public string Kind => Key.Kind == PtxKernelKind.Finish ? "finish" : RuleCase.StatesName(Key.States);

    /// <summary>Elements of parameters and gradients; those of a finish do not matter.</summary>
    public string Types => $"{new ElementPair(Key.ParameterType, Key.GradientType)}";

    /// <summary>Reads its text from a cache, or compiles it.</summary>
    /// <returns>The text, and whether it was compiled now.</returns>
    public (string Text, bool IsNew) Ptx(PtxCache cache)
    {
        bool isNew = false;
        string text = cache.GetOrAdd(Key, () =>
        {
            isNew = true;
            return PtxCompiler.Compile(Method, Key.Architecture);
        });
        return (text, isNew);
    }
}
