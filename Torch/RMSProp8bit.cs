using TorchSharp.Modules;
using static TorchSharp.torch;
using Rule = Requant.Optimizers.RMSProp;

namespace Requant.Torch;

/// <summary>RMSProp with an 8-bit state, in place of <c>torch.optim.RMSProp</c>: its parameters, in its order,
/// with its defaults.</summary>
/// <remarks>
/// Source: Hinton, "Neural Networks for Machine Learning", lecture 6e, and arXiv 2110.02861.
/// <code>
/// // was: var optimizer = torch.optim.RMSProp(model.parameters(), lr: 1e-3);
/// using var optimizer = new RMSProp8bit(model.parameters(), lr: 1e-3);
/// </code>
/// </remarks>
public sealed class RMSProp8bit : TorchOptimizer<Rule>
{
    /// <summary>An optimizer with one parameter group.</summary>
    /// <param name="parameters">As from <c>model.parameters()</c>: float32 on the CPU, each once.</param>
    /// <param name="lr">Learning rate.</param>
    /// <param name="alpha">Decay of the mean of squares.</param>
    /// <param name="eps">Added to the denominator.</param>
    /// <param name="weight_decay">L2 penalty.</param>
    /// <param name="momentum">Must be 0: not in this version.</param>
    /// <param name="centered">Must be false: not in this version.</param>
    /// <param name="maximize">Ascend instead of descending.</param>
    /// <param name="options">How states are kept; defaults when null.</param>
    /// <exception cref="ArgumentOutOfRangeException">A hyperparameter is out of range.</exception>
    /// <exception cref="NotSupportedException">A variant or a parameter's type or device that this version does not
    /// have.</exception>
    public RMSProp8bit(
        IEnumerable<Parameter> parameters,
        double lr = 0.01, double alpha = 0.99, double eps = 1e-8, double weight_decay = 0, double momentum = 0,
        bool centered = false, bool maximize = false,
        TorchOptions? options = null)
        : this([new ParamGroup(parameters)], lr, alpha, eps, weight_decay, momentum, centered, maximize, options)
    {
    }

    /// <summary>An optimizer with one group of named parameters.</summary>
    /// <param name="parameters">As from <c>model.named_parameters()</c>; the names appear in messages.</param>
    /// <param name="lr">Learning rate.</param>
    /// <param name="alpha">Decay of the mean of squares.</param>
    /// <param name="eps">Added to the denominator.</param>
    /// <param name="weight_decay">L2 penalty.</param>
    /// <param name="momentum">Must be 0: not in this version.</param>
    /// <param name="centered">Must be false: not in this version.</param>
    /// <param name="maximize">Ascend instead of descending.</param>
    /// <param name="options">How states are kept; defaults when null.</param>
    /// <exception cref="ArgumentOutOfRangeException">A hyperparameter is out of range.</exception>
    /// <exception cref="NotSupportedException">A variant or a parameter's type or device that this version does not
    /// have.</exception>
    public RMSProp8bit(
        IEnumerable<(string name, Parameter parameter)> parameters,
        double lr = 0.01, double alpha = 0.99, double eps = 1e-8, double weight_decay = 0, double momentum = 0,
        bool centered = false, bool maximize = false,
        TorchOptions? options = null)
        : this([new ParamGroup(parameters)], lr, alpha, eps, weight_decay, momentum, centered, maximize, options)
    {
    }

    /// <summary>An optimizer with several parameter groups.</summary>
    /// <param name="parameters">Groups; what they do not set is as given here.</param>
    /// <param name="lr">Learning rate.</param>
    /// <param name="alpha">Decay of the mean of squares.</param>
    /// <param name="eps">Added to the denominator.</param>
    /// <param name="weight_decay">L2 penalty.</param>
    /// <param name="momentum">Must be 0: not in this version.</param>
    /// <param name="centered">Must be false: not in this version.</param>
    /// <param name="maximize">Ascend instead of descending.</param>
    /// <param name="options">How states are kept; defaults when null.</param>
    /// <exception cref="ArgumentOutOfRangeException">A hyperparameter is out of range.</exception>
    /// <exception cref="NotSupportedException">A variant or a parameter's type or device that this version does not
    /// have.</exception>
    public RMSProp8bit(
        IEnumerable<ParamGroup> parameters,
        double lr = 0.01, double alpha = 0.99, double eps = 1e-8, double weight_decay = 0, double momentum = 0,
        bool centered = false, bool maximize = false,
        TorchOptions? options = null)
        : base(parameters, CreateRule(lr, alpha, eps, weight_decay, momentum, centered), maximize, options)
    {
    }

    private static Rule CreateRule(double lr, double alpha, double eps, double weight_decay, double momentum,
        bool centered)
    {
        Hyperparameters.Unsupported(momentum != 0, nameof(momentum), "RMSProp");
        Hyperparameters.Unsupported(centered, nameof(centered), "RMSProp");
        return new Rule
        {
            Lr = Hyperparameters.NotNegative(lr, nameof(lr)),
            Alpha = Hyperparameters.Decay(alpha, nameof(alpha)),
            Eps = Hyperparameters.NotNegative(eps, nameof(eps)),
            WeightDecay = Hyperparameters.NotNegative(weight_decay, nameof(weight_decay)),
        };
    }

    /// <summary>Parameters with hyperparameters of their own.</summary>
    public sealed class ParamGroup : RuleParamGroup<Rule>
    {
        /// <summary>A group; what is null is the optimizer's.</summary>
        /// <param name="parameters">float32 on the CPU.</param>
        /// <param name="lr">Learning rate; the optimizer's when null.</param>
        /// <param name="alpha">Decay of the mean of squares; the optimizer's when null.</param>
        /// <param name="eps">Added to the denominator; the optimizer's when null.</param>
        /// <param name="weight_decay">L2 penalty; the optimizer's when null.</param>
        /// <param name="maximize">Ascend instead of descending; the optimizer's when null.</param>
        /// <exception cref="ArgumentOutOfRangeException">A hyperparameter is out of range.</exception>
        public ParamGroup(
            IEnumerable<Parameter> parameters,
            double? lr = null, double? alpha = null, double? eps = null, double? weight_decay = null,
            bool? maximize = null)
            : base(parameters, CreateOptions(lr, alpha, eps, weight_decay, maximize))
        {
        }

        /// <summary>A group of named parameters; what is null is the optimizer's.</summary>
        /// <param name="parameters">As from <c>named_parameters()</c>.</param>
        /// <param name="lr">Learning rate; the optimizer's when null.</param>
        /// <param name="alpha">Decay of the mean of squares; the optimizer's when null.</param>
        /// <param name="eps">Added to the denominator; the optimizer's when null.</param>
        /// <param name="weight_decay">L2 penalty; the optimizer's when null.</param>
        /// <param name="maximize">Ascend instead of descending; the optimizer's when null.</param>
        /// <exception cref="ArgumentOutOfRangeException">A hyperparameter is out of range.</exception>
        public ParamGroup(
            IEnumerable<(string name, Parameter parameter)> parameters,
            double? lr = null, double? alpha = null, double? eps = null, double? weight_decay = null,
            bool? maximize = null)
            : base(parameters, CreateOptions(lr, alpha, eps, weight_decay, maximize))
        {
        }

        private static RuleOptions<Rule> CreateOptions(
            double? lr, double? alpha, double? eps, double? weight_decay, bool? maximize) =>
            new()
            {
                LearningRate = Hyperparameters.NotNegative(lr, nameof(lr)),
                ["alpha"] = Hyperparameters.Decay(alpha, nameof(alpha)),
                ["eps"] = Hyperparameters.NotNegative(eps, nameof(eps)),
                ["weightDecay"] = Hyperparameters.NotNegative(weight_decay, nameof(weight_decay)),
                Maximize = maximize,
            };
    }
}
