using TorchSharp.Modules;
using Rule = Requant.Optimizers.AdEMAMix;

namespace Requant.Torch;

/// <summary>AdEMAMix with 8-bit fast and second moments and a float32 slow moment. TorchSharp and PyTorch have none;
/// the parameters are those of bitsandbytes, where 0 is its None.</summary>
/// <remarks>
/// The slow moment stays in float32: see <see cref="Requant.Optimizers.AdEMAMixRule.AdEMAMix"/> for why. Source: arXiv
/// 2409.03137 and 2110.02861.
/// <code>using var optimizer = new AdEMAMix8bit(model.parameters(), t_alpha: 10_000, t_beta3: 10_000);</code>
/// </remarks>
public sealed class AdEMAMix8bit : BetasOptimizer<Rule>
{
    /// <summary>An optimizer with several parameter groups.</summary>
    /// <param name="parameters">float32, float16 or bfloat16 on the CPU, each once: from <c>model.parameters()</c>; from
    /// <c>model.named_parameters()</c>, whose names appear in messages; or in groups, which take from here what they do
    /// not set.</param>
    /// <param name="lr">Learning rate.</param>
    /// <param name="beta1">Decay of the fast first moment.</param>
    /// <param name="beta2">Decay of the second moment.</param>
    /// <param name="beta3">Decay of the slow first moment.</param>
    /// <param name="alpha">Weight of the slow first moment.</param>
    /// <param name="t_alpha">Steps in which alpha grows from 0; 0 for none.</param>
    /// <param name="t_beta3">Steps in which beta3 grows from beta1; 0 for none.</param>
    /// <param name="eps">Added to the denominator.</param>
    /// <param name="weight_decay">Decoupled weight decay, multiplied by the learning rate.</param>
    /// <param name="maximize">Ascend instead of descending.</param>
    /// <param name="options">How states are kept; defaults when null.</param>
    /// <exception cref="ArgumentOutOfRangeException">A hyperparameter is out of range.</exception>
    /// <exception cref="ArgumentException">There is no parameter, one is given twice or disposed, or an option has a
    /// value it cannot have.</exception>
    /// <exception cref="NotSupportedException">A parameter's type or device is one that this version does not
    /// have.</exception>
    public AdEMAMix8bit(
        IEnumerable<ParamGroup> parameters,
        double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double beta3 = 0.9999, double alpha = 5,
        int t_alpha = 0, int t_beta3 = 0, double eps = 1e-8, double weight_decay = 0.01, bool maximize = false,
        TorchOptions? options = null)
        : base(parameters, new Rule(), Given(
            lr, beta1, beta2, beta3, alpha, t_alpha, t_beta3, eps, weight_decay, maximize), options)
    {
    }

    /// <summary>An optimizer with one parameter group.</summary>
    /// <inheritdoc cref="AdEMAMix8bit(IEnumerable{ParamGroup}, double, double, double, double, double, int, int, double, double, bool, TorchOptions)"/>
    public AdEMAMix8bit(
        IEnumerable<Parameter> parameters,
        double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double beta3 = 0.9999, double alpha = 5,
        int t_alpha = 0, int t_beta3 = 0, double eps = 1e-8, double weight_decay = 0.01, bool maximize = false,
        TorchOptions? options = null)
        : this(
            [new ParamGroup(parameters)], lr, beta1, beta2, beta3, alpha, t_alpha, t_beta3, eps, weight_decay,
            maximize, options)
    {
    }

    /// <summary>An optimizer with one group of named parameters.</summary>
    /// <inheritdoc cref="AdEMAMix8bit(IEnumerable{ParamGroup}, double, double, double, double, double, int, int, double, double, bool, TorchOptions)"/>
    public AdEMAMix8bit(
        IEnumerable<(string name, Parameter parameter)> parameters,
        double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double beta3 = 0.9999, double alpha = 5,
        int t_alpha = 0, int t_beta3 = 0, double eps = 1e-8, double weight_decay = 0.01, bool maximize = false,
        TorchOptions? options = null)
        : this(
            [new ParamGroup(parameters)], lr, beta1, beta2, beta3, alpha, t_alpha, t_beta3, eps, weight_decay,
            maximize, options)
    {
    }

    private static Options Given(
        double? lr, double? beta1, double? beta2, double? beta3, double? alpha, int? t_alpha, int? t_beta3,
        double? eps, double? weight_decay, bool? maximize) => new()
        {
            LearningRate = Options.Checked("lr", lr, nameof(lr)),
            beta1 = beta1,
            beta2 = beta2,
            beta3 = beta3,
            alpha = alpha,
            t_alpha = t_alpha,
            t_beta3 = t_beta3,
            eps = eps,
            weight_decay = weight_decay,
            maximize = maximize,
        };

    /// <summary>Hyperparameters of a group; those that are null are the optimizer's.</summary>
    public sealed class Options : RuleOptions<Rule>
    {
        /// <summary>Decay of the fast first moment.</summary>
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

        /// <summary>Decay of the slow first moment.</summary>
        /// <exception cref="ArgumentOutOfRangeException">It is out of range.</exception>
        public double? beta3
        {
            get => this["beta3"];
            set => Set("beta3", value);
        }

        /// <summary>Weight of the slow first moment.</summary>
        /// <exception cref="ArgumentOutOfRangeException">It is out of range.</exception>
        public double? alpha
        {
            get => this["alpha"];
            set => Set("alpha", value);
        }

        /// <summary>Steps in which alpha grows from 0; 0 for none.</summary>
        /// <exception cref="ArgumentOutOfRangeException">It is out of range.</exception>
        public int? t_alpha
        {
            get => (int?)this["tAlpha"];
            set => Set("tAlpha", value);
        }

        /// <summary>Steps in which beta3 grows from beta1; 0 for none.</summary>
        /// <exception cref="ArgumentOutOfRangeException">It is out of range.</exception>
        public int? t_beta3
        {
            get => (int?)this["tBeta3"];
            set => Set("tBeta3", value);
        }

        /// <summary>Added to the denominator.</summary>
        /// <exception cref="ArgumentOutOfRangeException">It is out of range.</exception>
        public double? eps
        {
            get => this["eps"];
            set => Set("eps", value);
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
        /// <param name="beta1">Decay of the fast first moment.</param>
        /// <param name="beta2">Decay of the second moment.</param>
        /// <param name="beta3">Decay of the slow first moment.</param>
        /// <param name="alpha">Weight of the slow first moment.</param>
        /// <param name="t_alpha">Steps in which alpha grows from 0; 0 for none.</param>
        /// <param name="t_beta3">Steps in which beta3 grows from beta1; 0 for none.</param>
        /// <param name="eps">Added to the denominator.</param>
        /// <param name="weight_decay">Decoupled weight decay, multiplied by the learning rate.</param>
        /// <param name="maximize">Ascend instead of descending.</param>
        /// <exception cref="ArgumentOutOfRangeException">A hyperparameter is out of range.</exception>
        public ParamGroup(
            IEnumerable<Parameter> parameters,
            double? lr = null, double? beta1 = null, double? beta2 = null, double? beta3 = null,
            double? alpha = null, int? t_alpha = null, int? t_beta3 = null, double? eps = null,
            double? weight_decay = null, bool? maximize = null)
            : base(parameters, Given(lr, beta1, beta2, beta3, alpha, t_alpha, t_beta3, eps, weight_decay, maximize))
        {
        }

        /// <summary>A group of named parameters; what is null is the optimizer's.</summary>
        /// <inheritdoc cref="ParamGroup(IEnumerable{Parameter}, double?, double?, double?, double?, double?, int?, int?, double?, double?,
        /// bool?)"/>
        public ParamGroup(
            IEnumerable<(string name, Parameter parameter)> parameters,
            double? lr = null, double? beta1 = null, double? beta2 = null, double? beta3 = null,
            double? alpha = null, int? t_alpha = null, int? t_beta3 = null, double? eps = null,
            double? weight_decay = null, bool? maximize = null)
            : base(parameters, Given(lr, beta1, beta2, beta3, alpha, t_alpha, t_beta3, eps, weight_decay, maximize))
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
