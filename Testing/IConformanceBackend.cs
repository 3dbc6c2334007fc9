namespace Requant.Testing;

/// <summary>Something that runs the kernels of a rule. <see cref="CpuBackend"/> and <see cref="IlgpuBackend"/> are
/// here; others, such as an interpreter of a kernel's PTX, can be added by
/// <see cref="ConformanceOptions.Backends"/>.</summary>
public interface IConformanceBackend
{
    /// <summary>Name for messages and reports.</summary>
    string Name { get; }

    /// <summary>Whether it takes milliseconds for a block, so that it gets shorter tensors and fewer cases;
    /// see <see cref="ConformanceOptions"/>.</summary>
    bool IsSlow { get; }

    /// <summary>Runs a rule on the tensors of a case, of the case's element types, whose states start at 0.</summary>
    /// <param name="rule">The rule and its hyperparameters.</param>
    /// <param name="data">Tensors, gradients and the options to run them with.</param>
    /// <typeparam name="TRule">The generated record.</typeparam>
    /// <returns>What each step left behind: <see cref="ConformanceCase.Steps"/> snapshots, one tensor after the other
    /// in each.</returns>
    IEnumerable<Snapshot> Run<TRule>(TRule rule, ConformanceCase data) where TRule : IOptimizerRule<TRule>;
}
