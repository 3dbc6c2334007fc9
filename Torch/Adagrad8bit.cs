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

    private static Options Given(
        double? lr, double? lr_decay, double? weight_decay, double? initial_accumulator_value, double? eps,
        bool? maximize) => new()
        {
            LearningRate = Options.Checked("lr", lr, nameof(lr)),
            lr_decay = lr_decay,
            weight_decay = weight_decay,
            initial_accumulator_value = initial_accumulator_value,
            eps = eps,
            maximize = maximize,
        };

    /// <summary>Hyperparameters of a group; those that are null are the optimizer's.</summary>
    public sealed class Options : RuleOptions<Rule>
    {
        /// <summary>How much the learning rate's divisor grows a step.</summary>
        /// <exception cref="ArgumentOutOfRangeException">It is out of range.</exception>
        public double? lr_decay
        {
            get => this["lrDecay"];
            set => Set("lrDecay", value);
        }

        /// <summary>L2 penalty.</summary>
        /// <exception cref="ArgumentOutOfRangeException">It is out of range.</exception>
        public double? weight_decay
        {
            get => this["weightDecay"];
            set => Set("weightDecay", value);
        }

        /// <summary>What the sum of squares starts from.</summary>
        /// <exception cref="ArgumentOutOfRangeException">It is out of range.</exception>
        public double? initial_accumulator_value
        {
            get => this["initialAccumulator"];
            set => Set("initialAccumulator", value);
        }

        /// <summary>Added to the denominator.</summary>
        /// <exception cref="ArgumentOutOfRangeException">It is out of range.</exception>
        public double? eps
        {
            get => this["eps"];
            set => Set("eps", value);
        }

        /// <inheritdoc cref="RuleOptions{TRule}.Maximize"/>
        public bool? maximize { get => Maximize; set => Maximize = value; }
    }

    /// <summary>Parameters with hyperparameters of their own.</summary>
    public sealed class ParamGroup : RuleParamGroup<Rule>
    {
        /// <summary>A group without parameters, to be set.</summary>
        public ParamGroup()
            : base(Array.Empty<Parameter>(), new Options())
        {
        }

        /// <summary>A group with options.</summary>
        /// <param name="parameters">As the optimizer takes them: plain, or with names.</param>
        /// <param name="options">This group's alone; the optimizer's hyperparameters when null.</param>
        public ParamGroup(IEnumerable<Parameter> parameters, Options? options)
            : base(parameters, options ?? new Options())
        {
        }

        /// <inheritdoc cref="ParamGroup(IEnumerable{Parameter}, Options)"/>
        public ParamGroup(IEnumerable<(string name, Parameter parameter)> parameters, Options? options)
            : base(parameters, options ?? new Options())
        {
        }

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

        /// <inheritdoc cref="RuleOptions{TRule}"/>
        public new Options Options
        {
            get => (Options)base.Options;
            set => base.Options = value;
        }

        internal override RuleOptions<Rule> NewOptions() => new Options();
    }
}
