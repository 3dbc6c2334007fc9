using TorchSharp.Modules;
using Rule = Requant.Optimizers.RMSProp;

namespace Requant.Torch;

/// <summary>RMSProp with 8-bit states, in place of <c>torch.optim.RMSProp</c>: its parameters, in its order, with its
/// defaults.</summary>
/// <remarks>
/// Source: Hinton, "Neural Networks for Machine Learning", lecture 6e, arXiv 1308.0850 and 2110.02861.
/// <code>
/// // was: var optimizer = torch.optim.RMSProp(model.parameters(), lr: 1e-3);
/// using var optimizer = new RMSProp8bit(model.parameters(), lr: 1e-3);
/// </code>
/// </remarks>
public sealed class RMSProp8bit : MomentumOptimizer<Rule>
{
    /// <summary>An optimizer with several parameter groups.</summary>
    /// <param name="parameters">float32, float16 or bfloat16 on the CPU, each once: from <c>model.parameters()</c>; from
    /// <c>model.named_parameters()</c>, whose names appear in messages; or in groups, which take from here what they do
    /// not set.</param>
    /// <param name="lr">Learning rate.</param>
    /// <param name="alpha">Decay of the means.</param>
    /// <param name="eps">Added to the denominator.</param>
    /// <param name="weight_decay">L2 penalty.</param>
    /// <param name="momentum">Momentum factor.</param>
    /// <param name="centered">Divide by the deviation from the mean.</param>
    /// <param name="maximize">Ascend instead of descending.</param>
    /// <param name="options">How states are kept; defaults when null.</param>
    /// <exception cref="ArgumentOutOfRangeException">A hyperparameter is out of range.</exception>
    /// <exception cref="ArgumentException">There is no parameter, one is given twice or disposed, or an option has a
    /// value it cannot have.</exception>
    /// <exception cref="NotSupportedException">A parameter's type or device is one that this version does not
    /// have.</exception>
    public RMSProp8bit(
        IEnumerable<ParamGroup> parameters,
        double lr = 0.01, double alpha = 0.99, double eps = 1e-8, double weight_decay = 0, double momentum = 0,
        bool centered = false, bool maximize = false, TorchOptions? options = null)
        : base(parameters, new Rule(), Given(lr, alpha, eps, weight_decay, momentum, centered, maximize), options)
    {
    }

    /// <summary>An optimizer with one parameter group.</summary>
    /// <inheritdoc cref="RMSProp8bit(IEnumerable{ParamGroup}, double, double, double, double, double, bool, bool, TorchOptions)"/>
    public RMSProp8bit(
        IEnumerable<Parameter> parameters,
        double lr = 0.01, double alpha = 0.99, double eps = 1e-8, double weight_decay = 0, double momentum = 0,
        bool centered = false, bool maximize = false, TorchOptions? options = null)
        : this([new ParamGroup(parameters)], lr, alpha, eps, weight_decay, momentum, centered, maximize, options)
    {
    }

    /// <summary>An optimizer with one group of named parameters.</summary>
    /// <inheritdoc cref="RMSProp8bit(IEnumerable{ParamGroup}, double, double, double, double, double, bool, bool, TorchOptions)"/>
    public RMSProp8bit(
        IEnumerable<(string name, Parameter parameter)> parameters,
        double lr = 0.01, double alpha = 0.99, double eps = 1e-8, double weight_decay = 0, double momentum = 0,
        bool centered = false, bool maximize = false, TorchOptions? options = null)
        : this([new ParamGroup(parameters)], lr, alpha, eps, weight_decay, momentum, centered, maximize, options)
    {
    }

    private static Options Given(
        double? lr, double? alpha, double? eps, double? weight_decay, double? momentum, bool? centered,
        bool? maximize) => new()
        {
            LearningRate = Options.Checked("lr", lr, nameof(lr)),
            alpha = alpha,
            eps = eps,
            weight_decay = weight_decay,
            momentum = momentum,
            centered = centered,
            maximize = maximize,
        };

    /// <summary>Hyperparameters of a group; those that are null are the optimizer's.</summary>
    public sealed class Options : RuleOptions<Rule>
    {
        /// <summary>Decay of the means.</summary>
        /// <exception cref="ArgumentOutOfRangeException">It is out of range.</exception>
        public double? alpha
        {
            get => this["alpha"];
            set => Set("alpha", value);
        }

        /// <summary>Added to the denominator.</summary>
        /// <exception cref="ArgumentOutOfRangeException">It is out of range.</exception>
        public double? eps
        {
            get => this["eps"];
            set => Set("eps", value);
        }

        /// <summary>L2 penalty.</summary>
        /// <exception cref="ArgumentOutOfRangeException">It is out of range.</exception>
        public double? weight_decay
        {
            get => this["weightDecay"];
            set => Set("weightDecay", value);
        }

        /// <summary>Momentum factor.</summary>
        /// <exception cref="ArgumentOutOfRangeException">It is out of range.</exception>
        public double? momentum
        {
            get => this["momentum"];
            set => Set("momentum", value);
        }

        /// <summary>Divide by the deviation from the mean.</summary>
        public bool? centered
        {
            get => Hyperparameters.Flag(this["centered"]);
            set => this["centered"] = Hyperparameters.Flag(value);
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
        /// <param name="eps">Added to the denominator.</param>
        /// <param name="alpha">Decay of the means.</param>
        /// <param name="weight_decay">L2 penalty.</param>
        /// <param name="momentum">Momentum factor.</param>
        /// <param name="centered">Divide by the deviation from the mean.</param>
        /// <param name="maximize">Ascend instead of descending.</param>
        /// <exception cref="ArgumentOutOfRangeException">A hyperparameter is out of range.</exception>
        public ParamGroup(
            IEnumerable<Parameter> parameters,
            double? lr = null, double? eps = null, double? alpha = null, double? weight_decay = null,
            double? momentum = null, bool? centered = null, bool? maximize = null)
            : base(parameters, Given(lr, alpha, eps, weight_decay, momentum, centered, maximize))
        {
        }

        /// <summary>A group of named parameters; what is null is the optimizer's.</summary>
        /// <inheritdoc cref="ParamGroup(IEnumerable{Parameter}, double?, double?, double?, double?, double?, bool?, bool?)"/>
        public ParamGroup(
            IEnumerable<(string name, Parameter parameter)> parameters,
            double? lr = null, double? eps = null, double? alpha = null, double? weight_decay = null,
            double? momentum = null, bool? centered = null, bool? maximize = null)
            : base(parameters, Given(lr, alpha, eps, weight_decay, momentum, centered, maximize))
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
