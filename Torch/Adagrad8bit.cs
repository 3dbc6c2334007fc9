using TorchSharp.Modules;
using Rule = Requant.Optimizers.Adagrad;

namespace Requant.Torch;

/// <summary>Adagrad with an 8-bit state, in place of <c>torch.optim.Adagrad</c>: its parameters, in its order, with its
/// defaults.</summary>
/// <remarks>
/// Source: Duchi, Hazan and Singer, JMLR 12 (2011), and arXiv 2110.02861.
/// <code>
/// // was: var optimizer = torch.optim.Adagrad(model.parameters());
/// using var optimizer = new Adagrad8bit(model.parameters());
/// </code>
/// </remarks>
public sealed class Adagrad8bit : TorchOptimizer<Rule>
{
    /// <summary>An optimizer with several parameter groups.</summary>
    /// <param name="parameters">float32, float16 or bfloat16 on the CPU, each once: from <c>model.parameters()</c>; from
    /// <c>model.named_parameters()</c>, whose names appear in messages; or in groups, which take from here what they do
    /// not set.</param>
    /// <param name="lr">Learning rate.</param>
    /// <param name="lr_decay">How much the learning rate's divisor grows a step.</param>
    /// <param name="weight_decay">L2 penalty.</param>
    /// <param name="initial_accumulator_value">What the sum of squares starts from.</param>
    /// <param name="eps">Added to the denominator.</param>
    /// <param name="maximize">Ascend instead of descending.</param>
    /// <param name="options">How states are kept; defaults when null.</param>
    /// <exception cref="ArgumentOutOfRangeException">A hyperparameter is out of range.</exception>
    /// <exception cref="ArgumentException">There is no parameter, one is given twice or disposed, or an option has a
    /// value it cannot have.</exception>
    /// <exception cref="NotSupportedException">A parameter's type or device is one that this version does not
    /// have.</exception>
    public Adagrad8bit(
        IEnumerable<ParamGroup> parameters,
        double lr = 0.01, double lr_decay = 0, double weight_decay = 0, double initial_accumulator_value = 0,
        double eps = 1e-10, bool maximize = false, TorchOptions? options = null)
        : base(parameters, new Rule(), Given(
            lr, lr_decay, weight_decay, initial_accumulator_value, eps, maximize), options)
    {
    }

    /// <summary>An optimizer with one parameter group.</summary>
    /// <inheritdoc cref="Adagrad8bit(IEnumerable{ParamGroup}, double, double, double, double, double, bool, TorchOptions)"/>
    public Adagrad8bit(
        IEnumerable<Parameter> parameters,
        double lr = 0.01, double lr_decay = 0, double weight_decay = 0, double initial_accumulator_value = 0,
        double eps = 1e-10, bool maximize = false, TorchOptions? options = null)
        : this(
            [new ParamGroup(parameters)], lr, lr_decay, weight_decay, initial_accumulator_value, eps, maximize,
            options)
    {
    }

    /// <summary>An optimizer with one group of named parameters.</summary>
    /// <inheritdoc cref="Adagrad8bit(IEnumerable{ParamGroup}, double, double, double, double, double, bool, TorchOptions)"/>
    public Adagrad8bit(
        IEnumerable<(string name, Parameter parameter)> parameters,
        double lr = 0.01, double lr_decay = 0, double weight_decay = 0, double initial_accumulator_value = 0,
        double eps = 1e-10, bool maximize = false, TorchOptions? options = null)
        : this(
            [new ParamGroup(parameters)], lr, lr_decay, weight_decay, initial_accumulator_value, eps, maximize,
            options)
    {
    }

    private static RuleOptions<Rule> Given(
        double? lr, double? lr_decay, double? weight_decay, double? initial_accumulator_value, double? eps,
        bool? maximize) => new()
        {
            LearningRate = Hyperparameters.NotNegative(lr, nameof(lr)),
            ["lrDecay"] = Hyperparameters.NotNegative(lr_decay, nameof(lr_decay)),
            ["weightDecay"] = Hyperparameters.NotNegative(weight_decay, nameof(weight_decay)),
            ["initialAccumulator"] =
                Hyperparameters.NotNegative(initial_accumulator_value, nameof(initial_accumulator_value)),
            ["eps"] = Hyperparameters.NotNegative(eps, nameof(eps)),
            Maximize = maximize,
        };

    /// <summary>Parameters with hyperparameters of their own.</summary>
    public sealed class ParamGroup : RuleParamGroup<Rule>
    {
        /// <summary>A group; what is null is the optimizer's.</summary>
        /// <param name="parameters">As the optimizer takes them: plain, or with names.</param>
        /// <param name="lr">Learning rate.</param>
        /// <param name="lr_decay">How much the learning rate's divisor grows a step.</param>
        /// <param name="weight_decay">L2 penalty.</param>
        /// <param name="initial_accumulator_value">What the sum of squares starts from.</param>
        /// <param name="eps">Added to the denominator.</param>
        /// <param name="maximize">Ascend instead of descending.</param>
        /// <exception cref="ArgumentOutOfRangeException">A hyperparameter is out of range.</exception>
        public ParamGroup(
            IEnumerable<Parameter> parameters,
            double? lr = null, double? lr_decay = null, double? weight_decay = null,
            double? initial_accumulator_value = null, double? eps = null, bool? maximize = null)
            : base(parameters, Given(lr, lr_decay, weight_decay, initial_accumulator_value, eps, maximize))
        {
        }

        /// <summary>A group of named parameters; what is null is the optimizer's.</summary>
        /// <inheritdoc cref="ParamGroup(IEnumerable{Parameter}, double?, double?, double?, double?, double?, bool?)"/>
        public ParamGroup(
            IEnumerable<(string name, Parameter parameter)> parameters,
            double? lr = null, double? lr_decay = null, double? weight_decay = null,
            double? initial_accumulator_value = null, double? eps = null, bool? maximize = null)
            : base(parameters, Given(lr, lr_decay, weight_decay, initial_accumulator_value, eps, maximize))
        {
        }
    }
}
