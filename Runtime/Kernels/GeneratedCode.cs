using System.ComponentModel;

namespace Requant.CompilerServices;

/// <summary>What this version of the runtime asks of generated code.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class GeneratedCode
{
    /// <summary>Number of the contract between generated code and the runtime: of all that this namespace has and of
    /// <see cref="IOptimizerRule{TSelf}"/>. It changes when a rule that was compiled before could not run.</summary>
    public const int Contract = 2;

    /// <summary>Throws if a rule's kernels were compiled for another contract.</summary>
    /// <exception cref="NotSupportedException">They were; the message says what to do.</exception>
    internal static void Require<TRule>()
        where TRule : IOptimizerRule<TRule>
    {
        if (TRule.Contract != Contract)
        {
            throw new NotSupportedException($"Rule {typeof(TRule).FullName} in {typeof(TRule).Assembly.GetName().Name} "
                + $"was compiled for contract {TRule.Contract} of generated code, and this version of Requant has "
                + $"contract {Contract}; build that assembly again with the version of Requant that the "
                + "program runs with.");
        }
    }
}
