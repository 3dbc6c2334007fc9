using TorchSharp.Modules;
using Rule = Requant.Optimizers.Adam;

namespace Requant.Torch;

/// <summary>Adam with 8-bit states, in place of <c>torch.optim.Adam</c>: its parameters, in its order, with its
/// defaults.</summary>
/// <remarks>
/// Weight decay is L2 regularization as in PyTorch. Source: arXiv 1412.6980, 1904.09237 and 2110.02861.
/// <code>
/// // was: var optimizer = torch.optim.Adam(model.parameters(), lr: 1e-3);
/// using var optimizer = new Adam8bit(model.parameters(), lr: 1e-3);
/// </code>
/// </remarks>
public sealed class Adam8bit : BetasOptimizer<Rule>
{
    /// <summary>An optimizer with several parameter groups.</summary>
    /// <param name="parameters">float32, float16 or bfloat16 on the CPU, each once: from <c>model.parameters()</c>; from
    /// <c>model.named_parameters()</c>, whose names appear in messages; or in groups, which take from here what they do
    /// not set.</param>
    /// <param name="lr">Learning rate.</param>
    /// <param name="beta1">Decay of the first moment.</param>
    /// <param name="beta2">Decay of the second moment.</param>
    /// <param name="eps">Added to the denominator.</param>
    /// <param name="weight_decay">L2 penalty.</param>
    /// <param name="amsgrad">Divide by the largest second moment so far.</param>
    /// <param name="maximize">Ascend instead of descending.</param>
    /// <param name="options">How states are kept; defaults when null.</param>
    /// <exception cref="ArgumentOutOfRangeException">A hyperparameter is out of range.</exception>
    /// <exception cref="ArgumentException">There is no parameter, one is given twice or disposed, or an option has a
    /// value it cannot have.</exception>
    /// <exception cref="NotSupportedException">A parameter's type or device is one that this version does not
    /// have.</exception>
    public Adam8bit(
        IEnumerable<ParamGroup> parameters,
        double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0,
        bool amsgrad = false, bool maximize = false, TorchOptions? options = null)
        : base(parameters, new Rule(), Given(lr, beta1, beta2, eps, weight_decay, amsgrad, maximize), options)
    {
    }

    /// <summary>An optimizer with one parameter group.</summary>
    /// <inheritdoc cref="Adam8bit(IEnumerable{ParamGroup}, double, double, double, double, double, bool, bool, TorchOptions)"/>
    public Adam8bit(
        IEnumerable<Parameter> parameters,
        double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0,
        bool amsgrad = false, bool maximize = false, TorchOptions? options = null)
        : this([new ParamGroup(parameters)], lr, beta1, beta2, eps, weight_decay, amsgrad, maximize, options)
    {
    }

    /// <summary>An optimizer with one group of named parameters.</summary>
    /// <inheritdoc cref="Adam8bit(IEnumerable{ParamGroup}, double, double, double, double, double, bool, bool, TorchOptions)"/>
    public Adam8bit(
        IEnumerable<(string name, Parameter parameter)> parameters,
        double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0,
        bool amsgrad = false, bool maximize = false, TorchOptions? options = null)
        : this([new ParamGroup(parameters)], lr, beta1, beta2, eps, weight_decay, amsgrad, maximize, options)
    {
    }

    private static Options Given(
        double? lr, double? beta1, double? beta2, double? eps, double? weight_decay, bool? amsgrad,
        bool? maximize) => new()
        {
            LearningRate = Options.Checked("lr", lr, nameof(lr)),
            beta1 = beta1,
            beta2 = beta2,
            eps = eps,
            weight_decay = weight_decay,
            amsgrad = amsgrad,
            maximize = maximize,
        };

    /// <summary>Hyperparameters of a group; those that are null are the optimizer's.</summary>
    public sealed class Options : RuleOptions<Rule>
    {
        /// <summary>Decay of the first moment.</summary>
        /// <exception cref="ArgumentOutOfRangeException">It is out of range.</exception>
        public double? beta1
        {
            get => this["beta1"];
            set => Set("beta1", value);
        }

        /// <summary>Decay of the second moment.</summary>
        /// <exception cref="ArgumentOutOfRangeException">It is out of range.</exception>
        public double? beta2
        {
            get => this["beta2"];
            set => Set("beta2", value);
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

        /// <summary>Divide by the largest second moment so far.</summary>
        public bool? amsgrad
        {
            get => Hyperparameters.Flag(this["amsgrad"]);
            set => this["amsgrad"] = Hyperparameters.Flag(value);
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
        /// <param name="beta1">Decay of the first moment.</param>
        /// <param name="beta2">Decay of the second moment.</param>
        /// <param name="eps">Added to the denominator.</param>
        /// <param name="weight_decay">L2 penalty.</param>
        /// <param name="amsgrad">Divide by the largest second moment so far.</param>
        /// <param name="maximize">Ascend instead of descending.</param>
        /// <exception cref="ArgumentOutOfRangeException">A hyperparameter is out of range.</exception>
        public ParamGroup(
            IEnumerable<Parameter> parameters,
            double? lr = null, double? beta1 = null, double? beta2 = null, double? eps = null,
            double? weight_decay = null, bool? amsgrad = null, bool? maximize = null)
            : base(parameters, Given(lr, beta1, beta2, eps, weight_decay, amsgrad, maximize))
        {
        }

        /// <summary>A group of named parameters; what is null is the optimizer's.</summary>
        /// <inheritdoc cref="ParamGroup(IEnumerable{Parameter}, double?, double?, double?, double?, double?, bool?, bool?)"/>
        public ParamGroup(
            IEnumerable<(string name, Parameter parameter)> parameters,
            double? lr = null, double? beta1 = null, double? beta2 = null, double? eps = null,
            double? weight_decay = null, bool? amsgrad = null, bool? maximize = null)
            : base(parameters, Given(lr, beta1, beta2, eps, weight_decay, amsgrad, maximize))
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
