namespace Requant.Testing;

/// <summary>Shows that a rule leaves the same bits on every backend of this machine. Its scalar kernels, on one thread,
/// are the definition that the others are compared with, after every step: parameters, codes, scales, states and the
/// number of skipped elements.</summary>
/// <remarks>
/// One line in a test of any framework:
/// <code>
/// RuleConformance.Check&lt;Lion&gt;();
/// </code>
/// The data are hard on purpose: lengths that no vector divides, blocks of zeros and of denormals, gradients that are
/// not finite, magnitudes forty orders apart in one block; parameters and gradients of every element type. See
/// <see cref="GradientKind"/> and <see cref="ConformanceOptions"/>. It takes a second or two for each setting of the
/// hyperparameters.
/// </remarks>
public static class RuleConformance
{
    /// <summary>Checks a rule with its default hyperparameters, once for every combination of its <c>bool</c> ones;
    /// with more than four of them, once for each of them changed alone.</summary>
    /// <param name="options">What to run; the defaults when null.</param>
    /// <typeparam name="TRule">The record that the generator made of the rule.</typeparam>
    /// <returns>What was run and compared.</returns>
    /// <exception cref="RuleConformanceException">A bit differs, or the rule cannot be run.</exception>
    /// <exception cref="ArgumentException">An option has a value that it cannot have.</exception>
    public static ConformanceReport Check<TRule>(ConformanceOptions? options = null)
        where TRule : IOptimizerRule<TRule>, new() => Check(RuleSettings.OfFlags(new TRule()), options);

    /// <summary>Checks a rule with given hyperparameters.</summary>
    /// <param name="rule">The rule and its hyperparameters.</param>
    /// <param name="options">What to run; the defaults when null.</param>
    /// <typeparam name="TRule">The record that the generator made of the rule.</typeparam>
    /// <returns>What was run and compared.</returns>
    /// <exception cref="RuleConformanceException">A bit differs, or the rule cannot be run.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="rule"/> is null.</exception>
    /// <exception cref="ArgumentException">An option has a value that it cannot have.</exception>
    public static ConformanceReport Check<TRule>(TRule rule, ConformanceOptions? options = null)
        where TRule : IOptimizerRule<TRule>
    {
        ArgumentNullException.ThrowIfNull(rule);
        return Check([rule], options);
    }

    private static ConformanceReport Check<TRule>(IReadOnlyList<TRule> settings, ConformanceOptions? options)
        where TRule : IOptimizerRule<TRule>
    {
        options ??= new ConformanceOptions();
        options.Validate();
        IReadOnlyList<IConformanceBackend> backends = options.Backends ?? ConformanceBackends.OfThisMachine();
        try
        {
            var check = new ConformanceCheck<TRule>(backends, options);
            foreach (TRule rule in settings)
            {
                check.Run(rule);
            }

            return check.Report();
        }
        finally
        {
            if (options.Backends is null)
            {
                ConformanceBackends.Dispose(backends);
            }
        }
    }
}
