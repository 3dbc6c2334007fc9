using TorchSharp.Modules;
using Rule = Requant.Optimizers.Lars;

namespace Requant.Torch;

/// <summary>LARS with an 8-bit momentum. TorchSharp and PyTorch have none.</summary>
/// <remarks>
/// The norms run over the whole parameter. Source: arXiv 1708.03888 and 2110.02861.
/// <code>using var optimizer = new Lars8bit(model.parameters(), lr: 1, weight_decay: 5e-4);</code>
/// </remarks>
public sealed class Lars8bit : MomentumOptimizer<Rule>
{
    /// <summary>An optimizer with several parameter groups.</summary>
    /// <param name="parameters">float32, float16 or bfloat16 on the CPU, each once: from <c>model.parameters()</c>; from
    /// <c>model.named_parameters()</c>, whose names appear in messages; or in groups, which take from here what they do
    /// not set.</param>
    /// <param name="lr">Learning rate.</param>
    /// <param name="momentum">Momentum factor.</param>
    /// <param name="weight_decay">L2 penalty.</param>
    /// <param name="trust_coefficient">How far a layer may move, relative to its norm.</param>
    /// <param name="eps">Added to the denominator.</param>
    /// <param name="maximize">Ascend instead of descending.</param>
    /// <param name="options">How states are kept; defaults when null.</param>
    /// <exception cref="ArgumentOutOfRangeException">A hyperparameter is out of range.</exception>
    /// <exception cref="ArgumentException">There is no parameter, one is given twice or disposed, or an option has a
    /// value it cannot have.</exception>
    /// <exception cref="NotSupportedException">A parameter's type or device is one that this version does not
    /// have.</exception>
    public Lars8bit(
        IEnumerable<ParamGroup> parameters,
        double lr = 0.1, double momentum = 0.9, double weight_decay = 0, double trust_coefficient = 1e-3,
        double eps = 1e-8, bool maximize = false, TorchOptions? options = null)
        : base(parameters, new Rule(), Given(lr, momentum, weight_decay, trust_coefficient, eps, maximize), options)
    {
    }

    /// <summary>An optimizer with one parameter group.</summary>
    /// <inheritdoc cref="Lars8bit(IEnumerable{ParamGroup}, double, double, double, double, double, bool, TorchOptions)"/>
    public Lars8bit(
        IEnumerable<Parameter> parameters,
        double lr = 0.1, double momentum = 0.9, double weight_decay = 0, double trust_coefficient = 1e-3,
        double eps = 1e-8, bool maximize = false, TorchOptions? options = null)
        : this([new ParamGroup(parameters)], lr, momentum, weight_decay, trust_coefficient, eps, maximize, options)
    {
    }

    /// <summary>An optimizer with one group of named parameters.</summary>
    /// <inheritdoc cref="Lars8bit(IEnumerable{ParamGroup}, double, double, double, double, double, bool, TorchOptions)"/>
    public Lars8bit(
        IEnumerable<(string name, Parameter parameter)> parameters,
        double lr = 0.1, double momentum = 0.9, double weight_decay = 0, double trust_coefficient = 1e-3,
        double eps = 1e-8, bool maximize = false, TorchOptions? options = null)
        : this([new ParamGroup(parameters)], lr, momentum, weight_decay, trust_coefficient, eps, maximize, options)
    {
    }

    private static Options Given(
        double? lr, double? momentum, double? weight_decay, double? trust_coefficient, double? eps,
        bool? maximize) => new()
        {
            LearningRate = Options.Checked("lr", lr, nameof(lr)),
            momentum = momentum,
            weight_decay = weight_decay,
            trust_coefficient = trust_coefficient,
            eps = eps,
            maximize = maximize,
        };

    /// <summary>Hyperparameters of a group; those that are null are the optimizer's.</summary>
    public sealed class Options : RuleOptions<Rule>
    {
        /// <summary>Momentum factor.</summary>
        /// <exception cref="ArgumentOutOfRangeException">It is out of range.</exception>
        public double? momentum
        {
            get => this["momentum"];
            set => Set("momentum", value);
        }

        /// <summary>L2 penalty.</summary>
        /// <exception cref="ArgumentOutOfRangeException">It is out of range.</exception>
        public double? weight_decay
        {
            get => this["weightDecay"];
            set => Set("weightDecay", value);
        }

        /// <summary>How far a layer may move, relative to its norm.</summary>
        /// <exception cref="ArgumentOutOfRangeException">It is out of range.</exception>
        public double? trust_coefficient
        {
            get => this["trustCoefficient"];
            set => Set("trustCoefficient", value);
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
    public sealed class ParamGroup : MomentumParamGroup<Rule>
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
        /// <param name="momentum">Momentum factor.</param>
        /// <param name="weight_decay">L2 penalty.</param>
        /// <param name="trust_coefficient">How far a layer may move, relative to its norm.</param>
        /// <param name="eps">Added to the denominator.</param>
        /// <param name="maximize">Ascend instead of descending.</param>
        /// <exception cref="ArgumentOutOfRangeException">A hyperparameter is out of range.</exception>
        public ParamGroup(
            IEnumerable<Parameter> parameters,
            double? lr = null, double? momentum = null, double? weight_decay = null,
            double? trust_coefficient = null, double? eps = null, bool? maximize = null)
            : base(parameters, Given(lr, momentum, weight_decay, trust_coefficient, eps, maximize))
        {
        }

        /// <summary>A group of named parameters; what is null is the optimizer's.</summary>
        /// <inheritdoc cref="ParamGroup(IEnumerable{Parameter}, double?, double?, double?, double?, double?, bool?)"/>
        public ParamGroup(
            IEnumerable<(string name, Parameter parameter)> parameters,
            double? lr = null, double? momentum = null, double? weight_decay = null,
            double? trust_coefficient = null, double? eps = null, bool? maximize = null)
            : base(parameters, Given(lr, momentum, weight_decay, trust_coefficient, eps, maximize))
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
