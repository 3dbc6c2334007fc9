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

    private static RuleOptions<Rule> Given(
        double? lr, double? beta1, double? beta2, double? beta3, double? alpha, int? t_alpha, int? t_beta3,
        double? eps, double? weight_decay, bool? maximize) => new()
        {
            LearningRate = Hyperparameters.NotNegative(lr, nameof(lr)),
            ["beta1"] = Hyperparameters.Decay(beta1, nameof(beta1)),
            ["beta2"] = Hyperparameters.Decay(beta2, nameof(beta2)),
            ["beta3"] = Hyperparameters.Decay(beta3, nameof(beta3)),
            ["alpha"] = Hyperparameters.NotNegative(alpha, nameof(alpha)),
            ["tAlpha"] = Hyperparameters.NotNegative(t_alpha, nameof(t_alpha)),
            ["tBeta3"] = Hyperparameters.NotNegative(t_beta3, nameof(t_beta3)),
            ["eps"] = Hyperparameters.NotNegative(eps, nameof(eps)),
            ["weightDecay"] = Hyperparameters.NotNegative(weight_decay, nameof(weight_decay)),
            Maximize = maximize,
        };

    /// <summary>Parameters with hyperparameters of their own.</summary>
    public sealed class ParamGroup : BetasParamGroup<Rule>
    {
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
            double? lr = null, double? beta1 = null, double? beta2 = null, double? beta3 = null, double? alpha = null,
            int? t_alpha = null, int? t_beta3 = null, double? eps = null, double? weight_decay = null,
            bool? maximize = null)
            : base(parameters, Given(lr, beta1, beta2, beta3, alpha, t_alpha, t_beta3, eps, weight_decay, maximize))
        {
        }

        /// <summary>A group of named parameters; what is null is the optimizer's.</summary>
        /// <inheritdoc cref="ParamGroup(IEnumerable{Parameter}, double?, double?, double?, double?, double?, int?,
        /// int?, double?, double?, bool?)"/>
        public ParamGroup(
            IEnumerable<(string name, Parameter parameter)> parameters,
            double? lr = null, double? beta1 = null, double? beta2 = null, double? beta3 = null, double? alpha = null,
            int? t_alpha = null, int? t_beta3 = null, double? eps = null, double? weight_decay = null,
            bool? maximize = null)
            : base(parameters, Given(lr, beta1, beta2, beta3, alpha, t_alpha, t_beta3, eps, weight_decay, maximize))
        {
        }
    }
}
