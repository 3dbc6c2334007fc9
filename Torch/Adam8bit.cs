using TorchSharp.Modules;
using static TorchSharp.torch;
using Rule = Requant.Optimizers.Adam;

namespace Requant.Torch;

/// <summary>Adam with 8-bit states, in place of <c>torch.optim.Adam</c>: its parameters, in its order, with
/// its defaults.</summary>
/// <remarks>
/// Weight decay is L2 regularization as in PyTorch. Source: arXiv 1412.6980 and 2110.02861.
/// <code>
/// // was: var optimizer = torch.optim.Adam(model.parameters(), lr: 1e-3);
/// using var optimizer = new Adam8bit(model.parameters(), lr: 1e-3);
/// </code>
/// </remarks>
public sealed class Adam8bit : TorchOptimizer<Rule>, optim.IBetas
{
    /// <summary>An optimizer with one parameter group.</summary>
    /// <param name="parameters">As from <c>model.parameters()</c>: float32 on the CPU, each once.</param>
    /// <param name="lr">Learning rate.</param>
    /// <param name="beta1">Decay of the first moment.</param>
    /// <param name="beta2">Decay of the second moment.</param>
    /// <param name="eps">Added to the denominator.</param>
    /// <param name="weight_decay">L2 penalty.</param>
    /// <param name="amsgrad">Must be false: not in this version.</param>
    /// <param name="maximize">Ascend instead of descending.</param>
    /// <param name="options">How states are kept; defaults when null.</param>
    /// <exception cref="ArgumentOutOfRangeException">A hyperparameter is out of range.</exception>
    /// <exception cref="NotSupportedException">A variant or a parameter's type or device that this version does not
    /// have.</exception>
    public Adam8bit(
        IEnumerable<Parameter> parameters,
        double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0,
        bool amsgrad = false, bool maximize = false,
        TorchOptions? options = null)
        : this([new ParamGroup(parameters)], lr, beta1, beta2, eps, weight_decay, amsgrad, maximize, options)
    {
    }

    /// <summary>An optimizer with one group of named parameters.</summary>
    /// <param name="parameters">As from <c>model.named_parameters()</c>; the names appear in messages.</param>
    /// <param name="lr">Learning rate.</param>
    /// <param name="beta1">Decay of the first moment.</param>
    /// <param name="beta2">Decay of the second moment.</param>
    /// <param name="eps">Added to the denominator.</param>
    /// <param name="weight_decay">L2 penalty.</param>
    /// <param name="amsgrad">Must be false: not in this version.</param>
    /// <param name="maximize">Ascend instead of descending.</param>
    /// <param name="options">How states are kept; defaults when null.</param>
    /// <exception cref="ArgumentOutOfRangeException">A hyperparameter is out of range.</exception>
    /// <exception cref="NotSupportedException">A variant or a parameter's type or device that this version does not
    /// have.</exception>
    public Adam8bit(
        IEnumerable<(string name, Parameter parameter)> parameters,
        double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0,
        bool amsgrad = false, bool maximize = false,
        TorchOptions? options = null)
        : this([new ParamGroup(parameters)], lr, beta1, beta2, eps, weight_decay, amsgrad, maximize, options)
    {
    }

    /// <summary>An optimizer with several parameter groups.</summary>
    /// <param name="parameters">Groups; what they do not set is as given here.</param>
    /// <param name="lr">Learning rate.</param>
    /// <param name="beta1">Decay of the first moment.</param>
    /// <param name="beta2">Decay of the second moment.</param>
    /// <param name="eps">Added to the denominator.</param>
    /// <param name="weight_decay">L2 penalty.</param>
    /// <param name="amsgrad">Must be false: not in this version.</param>
    /// <param name="maximize">Ascend instead of descending.</param>
    /// <param name="options">How states are kept; defaults when null.</param>
    /// <exception cref="ArgumentOutOfRangeException">A hyperparameter is out of range.</exception>
    /// <exception cref="NotSupportedException">A variant or a parameter's type or device that this version does not
    /// have.</exception>
    public Adam8bit(
        IEnumerable<ParamGroup> parameters,
        double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0,
        bool amsgrad = false, bool maximize = false,
        TorchOptions? options = null)
        : base(parameters, CreateRule(lr, beta1, beta2, eps, weight_decay, amsgrad), maximize, options)
    {
    }

    /// <summary>Decay of both moments. Setting it sets it in every group.</summary>
    public (double, double) Betas
    {
        get => (GetDefault("beta1"), GetDefault("beta2"));
        set
        {
            (double beta1, double beta2) = Hyperparameters.Decays(value);
            SetEverywhere("beta1", beta1);
            SetEverywhere("beta2", beta2);
        }
    }

    private static Rule CreateRule(double lr, double beta1, double beta2, double eps, double weight_decay, bool amsgrad)
    {
        Hyperparameters.Unsupported(amsgrad, nameof(amsgrad), "Adam");
        return new Rule
        {
            Lr = Hyperparameters.NotNegative(lr, nameof(lr)),
            Beta1 = Hyperparameters.Decay(beta1, nameof(beta1)),
            Beta2 = Hyperparameters.Decay(beta2, nameof(beta2)),
            Eps = Hyperparameters.NotNegative(eps, nameof(eps)),
            WeightDecay = Hyperparameters.NotNegative(weight_decay, nameof(weight_decay)),
        };
    }

    /// <summary>Parameters with hyperparameters of their own.</summary>
    public sealed class ParamGroup : RuleParamGroup<Rule>, optim.IBetas
    {
        /// <summary>A group; what is null is the optimizer's.</summary>
        /// <param name="parameters">float32 on the CPU.</param>
        /// <param name="lr">Learning rate; the optimizer's when null.</param>
        /// <param name="beta1">Decay of the first moment; the optimizer's when null.</param>
        /// <param name="beta2">Decay of the second moment; the optimizer's when null.</param>
        /// <param name="eps">Added to the denominator; the optimizer's when null.</param>
        /// <param name="weight_decay">L2 penalty; the optimizer's when null.</param>
        /// <param name="maximize">Ascend instead of descending; the optimizer's when null.</param>
        /// <exception cref="ArgumentOutOfRangeException">A hyperparameter is out of range.</exception>
        public ParamGroup(
            IEnumerable<Parameter> parameters,
            double? lr = null, double? beta1 = null, double? beta2 = null, double? eps = null,
            double? weight_decay = null, bool? maximize = null)
            : base(parameters, CreateOptions(lr, beta1, beta2, eps, weight_decay, maximize))
        {
        }

        /// <summary>A group of named parameters; what is null is the optimizer's.</summary>
        /// <param name="parameters">As from <c>named_parameters()</c>.</param>
        /// <param name="lr">Learning rate; the optimizer's when null.</param>
        /// <param name="beta1">Decay of the first moment; the optimizer's when null.</param>
        /// <param name="beta2">Decay of the second moment; the optimizer's when null.</param>
        /// <param name="eps">Added to the denominator; the optimizer's when null.</param>
        /// <param name="weight_decay">L2 penalty; the optimizer's when null.</param>
        /// <param name="maximize">Ascend instead of descending; the optimizer's when null.</param>
        /// <exception cref="ArgumentOutOfRangeException">A hyperparameter is out of range.</exception>
        public ParamGroup(
            IEnumerable<(string name, Parameter parameter)> parameters,
            double? lr = null, double? beta1 = null, double? beta2 = null, double? eps = null,
            double? weight_decay = null, bool? maximize = null)
            : base(parameters, CreateOptions(lr, beta1, beta2, eps, weight_decay, maximize))
        {
        }

        /// <summary>Decay of both moments.</summary>
        public (double, double) Betas
        {
            get => (Get("beta1"), Get("beta2"));
            set => (Options["beta1"], Options["beta2"]) = Hyperparameters.Decays(value);
        }

        private static RuleOptions<Rule> CreateOptions(
            double? lr, double? beta1, double? beta2, double? eps, double? weight_decay, bool? maximize) =>
            new()
            {
                LearningRate = Hyperparameters.NotNegative(lr, nameof(lr)),
                ["beta1"] = Hyperparameters.Decay(beta1, nameof(beta1)),
                ["beta2"] = Hyperparameters.Decay(beta2, nameof(beta2)),
                ["eps"] = Hyperparameters.NotNegative(eps, nameof(eps)),
                ["weightDecay"] = Hyperparameters.NotNegative(weight_decay, nameof(weight_decay)),
                Maximize = maximize,
            };
    }
}
