using TorchSharp.Modules;
using Rule = Requant.Optimizers.Lion;

namespace Requant.Torch;

/// <summary>Lion with an 8-bit state. TorchSharp and PyTorch have none; parameters and defaults are the
/// paper's.</summary>
/// <remarks>
/// Every element moves by the learning rate: use one 3 to 10 times smaller than for AdamW, and a weight decay as much
/// larger. Source: arXiv 2302.06675 and 2110.02861.
/// <code>using var optimizer = new Lion8bit(model.parameters(), lr: 1e-4);</code>
/// </remarks>
public sealed class Lion8bit : BetasOptimizer<Rule>
{
    /// <summary>An optimizer with several parameter groups.</summary>
    /// <param name="parameters">float32, float16 or bfloat16 on the CPU, each once: from <c>model.parameters()</c>; from
    /// <c>model.named_parameters()</c>, whose names appear in messages; or in groups, which take from here what they do
    /// not set.</param>
    /// <param name="lr">Learning rate.</param>
    /// <param name="beta1">Weight of the momentum in the update.</param>
    /// <param name="beta2">Decay of the momentum.</param>
    /// <param name="weight_decay">Decoupled weight decay, multiplied by the learning rate.</param>
    /// <param name="maximize">Ascend instead of descending.</param>
    /// <param name="options">How states are kept; defaults when null.</param>
    /// <exception cref="ArgumentOutOfRangeException">A hyperparameter is out of range.</exception>
    /// <exception cref="ArgumentException">There is no parameter, one is given twice or disposed, or an option has a
    /// value it cannot have.</exception>
    /// <exception cref="NotSupportedException">A parameter's type or device is one that this version does not
    /// have.</exception>
    public Lion8bit(
        IEnumerable<ParamGroup> parameters,
        double lr = 1e-4, double beta1 = 0.9, double beta2 = 0.99, double weight_decay = 0, bool maximize = false,
        TorchOptions? options = null)
        : base(parameters, new Rule(), Given(lr, beta1, beta2, weight_decay, maximize), options)
    {
    }

    /// <summary>An optimizer with one parameter group.</summary>
    /// <inheritdoc cref="Lion8bit(IEnumerable{ParamGroup}, double, double, double, double, bool, TorchOptions)"/>
    public Lion8bit(
        IEnumerable<Parameter> parameters,
        double lr = 1e-4, double beta1 = 0.9, double beta2 = 0.99, double weight_decay = 0, bool maximize = false,
        TorchOptions? options = null)
        : this([new ParamGroup(parameters)], lr, beta1, beta2, weight_decay, maximize, options)
    {
    }

    /// <summary>An optimizer with one group of named parameters.</summary>
    /// <inheritdoc cref="Lion8bit(IEnumerable{ParamGroup}, double, double, double, double, bool, TorchOptions)"/>
    public Lion8bit(
        IEnumerable<(string name, Parameter parameter)> parameters,
        double lr = 1e-4, double beta1 = 0.9, double beta2 = 0.99, double weight_decay = 0, bool maximize = false,
        TorchOptions? options = null)
        : this([new ParamGroup(parameters)], lr, beta1, beta2, weight_decay, maximize, options)
    {
    }

    private static Options Given(
        double? lr, double? beta1, double? beta2, double? weight_decay, bool? maximize) => new()
        {
            LearningRate = Options.Checked("lr", lr, nameof(lr)),
            beta1 = beta1,
            beta2 = beta2,
            weight_decay = weight_decay,
            maximize = maximize,
        };

    /// <summary>Hyperparameters of a group; those that are null are the optimizer's.</summary>
    public sealed class Options : RuleOptions<Rule>
    {
        /// <summary>Weight of the momentum in the update.</summary>
        /// <exception cref="ArgumentOutOfRangeException">It is out of range.</exception>
        public double? beta1
        {
            get => this["beta1"];
            set => Set("beta1", value);
        }

        /// <summary>Decay of the momentum.</summary>
        /// <exception cref="ArgumentOutOfRangeException">It is out of range.</exception>
        public double? beta2
        {
            get => this["beta2"];
            set => Set("beta2", value);
        }

        /// <summary>Decoupled weight decay, multiplied by the learning rate.</summary>
        /// <exception cref="ArgumentOutOfRangeException">It is out of range.</exception>
        public double? weight_decay
        {
            get => this["weightDecay"];
            set => Set("weightDecay", value);
        }

        /// <inheritdoc cref="RuleOptions{TRule}.Maximize"/>
        public bool? maximize { get => Maximize; set => Maximize = value; }
    }

    /// <summary>Parameters with hyperparameters of their own.</summary>
    public sealed class ParamGroup : BetasParamGroup<Rule>
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
        /// <param name="beta1">Weight of the momentum in the update.</param>
        /// <param name="beta2">Decay of the momentum.</param>
        /// <param name="weight_decay">Decoupled weight decay, multiplied by the learning rate.</param>
        /// <param name="maximize">Ascend instead of descending.</param>
        /// <exception cref="ArgumentOutOfRangeException">A hyperparameter is out of range.</exception>
        public ParamGroup(
            IEnumerable<Parameter> parameters,
            double? lr = null, double? beta1 = null, double? beta2 = null, double? weight_decay = null,
            bool? maximize = null)
            : base(parameters, Given(lr, beta1, beta2, weight_decay, maximize))
        {
        }

        /// <summary>A group of named parameters; what is null is the optimizer's.</summary>
        /// <inheritdoc cref="ParamGroup(IEnumerable{Parameter}, double?, double?, double?, double?, bool?)"/>
        public ParamGroup(
            IEnumerable<(string name, Parameter parameter)> parameters,
            double? lr = null, double? beta1 = null, double? beta2 = null, double? weight_decay = null,
            bool? maximize = null)
            : base(parameters, Given(lr, beta1, beta2, weight_decay, maximize))
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
