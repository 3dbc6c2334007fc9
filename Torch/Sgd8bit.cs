using TorchSharp.Modules;
using static TorchSharp.torch;
using Rule = Requant.Optimizers.Momentum;

namespace Requant.Torch;

/// <summary>Gradient descent with an 8-bit momentum, in place of <c>torch.optim.SGD</c>: its parameters, in
/// its order, with its defaults.</summary>
/// <remarks>
/// Dampening does not apply to the first step, as in PyTorch. Source: arXiv 2110.02861.
/// <code>
/// // was: var optimizer = torch.optim.SGD(model.parameters(), learningRate: 0.1, momentum: 0.9);
/// using var optimizer = new Sgd8bit(model.parameters(), learningRate: 0.1, momentum: 0.9);
/// </code>
/// </remarks>
public sealed class Sgd8bit : TorchOptimizer<Rule>, optim.IMomentum
{
    /// <summary>An optimizer with one parameter group.</summary>
    /// <param name="parameters">As from <c>model.parameters()</c>: float32 on the CPU, each once.</param>
    /// <param name="learningRate">Learning rate.</param>
    /// <param name="momentum">Momentum factor.</param>
    /// <param name="dampening">Reduces the gradient's part in the momentum.</param>
    /// <param name="weight_decay">L2 penalty.</param>
    /// <param name="nesterov">Look ahead; needs momentum without dampening.</param>
    /// <param name="maximize">Ascend instead of descending.</param>
    /// <param name="options">How states are kept; defaults when null.</param>
    /// <exception cref="ArgumentOutOfRangeException">A hyperparameter is out of range.</exception>
    /// <exception cref="ArgumentException">nesterov without momentum, or with dampening.</exception>
    /// <exception cref="NotSupportedException">A variant or a parameter's type or device that this version does not
    /// have.</exception>
    public Sgd8bit(
        IEnumerable<Parameter> parameters,
        double learningRate, double momentum = 0, double dampening = 0, double weight_decay = 0, bool nesterov = false,
        bool maximize = false, TorchOptions? options = null)
        : this([new ParamGroup(parameters)], learningRate, momentum, dampening, weight_decay, nesterov, maximize,
            options)
    {
    }

    /// <summary>An optimizer with one group of named parameters.</summary>
    /// <param name="parameters">As from <c>model.named_parameters()</c>; the names appear in messages.</param>
    /// <param name="learningRate">Learning rate.</param>
    /// <param name="momentum">Momentum factor.</param>
    /// <param name="dampening">Reduces the gradient's part in the momentum.</param>
    /// <param name="weight_decay">L2 penalty.</param>
    /// <param name="nesterov">Look ahead; needs momentum without dampening.</param>
    /// <param name="maximize">Ascend instead of descending.</param>
    /// <param name="options">How states are kept; defaults when null.</param>
    /// <exception cref="ArgumentOutOfRangeException">A hyperparameter is out of range.</exception>
    /// <exception cref="ArgumentException">nesterov without momentum, or with dampening.</exception>
    /// <exception cref="NotSupportedException">A variant or a parameter's type or device that this version does not
    /// have.</exception>
    public Sgd8bit(
        IEnumerable<(string name, Parameter parameter)> parameters,
        double learningRate, double momentum = 0, double dampening = 0, double weight_decay = 0, bool nesterov = false,
        bool maximize = false, TorchOptions? options = null)
        : this([new ParamGroup(parameters)], learningRate, momentum, dampening, weight_decay, nesterov, maximize,
            options)
    {
    }

    /// <summary>An optimizer with several parameter groups.</summary>
    /// <param name="parameters">Groups; what they do not set is as given here.</param>
    /// <param name="learningRate">Learning rate.</param>
    /// <param name="momentum">Momentum factor.</param>
    /// <param name="dampening">Reduces the gradient's part in the momentum.</param>
    /// <param name="weight_decay">L2 penalty.</param>
    /// <param name="nesterov">Look ahead; needs momentum without dampening.</param>
    /// <param name="maximize">Ascend instead of descending.</param>
    /// <param name="options">How states are kept; defaults when null.</param>
    /// <exception cref="ArgumentOutOfRangeException">A hyperparameter is out of range.</exception>
    /// <exception cref="ArgumentException">nesterov without momentum, or with dampening.</exception>
    /// <exception cref="NotSupportedException">A variant or a parameter's type or device that this version does not
    /// have.</exception>
    public Sgd8bit(
        IEnumerable<ParamGroup> parameters,
        double learningRate, double momentum = 0, double dampening = 0, double weight_decay = 0, bool nesterov = false,
        bool maximize = false, TorchOptions? options = null)
        : base(parameters, CreateRule(learningRate, momentum, dampening, weight_decay, nesterov), maximize, options)
    {
    }

    /// <summary>Momentum factor. Setting it sets it in every group.</summary>
    public double Momentum
    {
        get => GetDefault("beta");
        set => SetEverywhere("beta", Hyperparameters.NotNegative((double?)value, nameof(value))!.Value);
    }

    private static Rule CreateRule(double learningRate, double momentum, double dampening, double weight_decay,
        bool nesterov)
    {
        if (nesterov && (momentum <= 0 || dampening != 0))
        {
            throw new ArgumentException(
                $"nesterov needs momentum above 0 and no dampening; they are {momentum} and {dampening}.",
                    nameof(nesterov));
        }

        return new Rule
        {
            Lr = Hyperparameters.NotNegative(learningRate, nameof(learningRate)),
            Beta = Hyperparameters.NotNegative(momentum, nameof(momentum)),
            Dampening = (float)dampening,
            WeightDecay = Hyperparameters.NotNegative(weight_decay, nameof(weight_decay)),
            Nesterov = nesterov,
        };
    }

    /// <summary>Parameters with hyperparameters of their own.</summary>
    public sealed class ParamGroup : RuleParamGroup<Rule>, optim.IMomentum
    {
        /// <summary>A group; what is null is the optimizer's.</summary>
        /// <param name="parameters">float32 on the CPU.</param>
        /// <param name="lr">Learning rate; the optimizer's when null.</param>
        /// <param name="momentum">Momentum factor; the optimizer's when null.</param>
        /// <param name="dampening">Reduces the gradient's part in the momentum; the optimizer's when null.</param>
        /// <param name="weight_decay">L2 penalty; the optimizer's when null.</param>
        /// <param name="maximize">Ascend instead of descending; the optimizer's when null.</param>
        /// <exception cref="ArgumentOutOfRangeException">A hyperparameter is out of range.</exception>
        public ParamGroup(
            IEnumerable<Parameter> parameters,
            double? lr = null, double? momentum = null, double? dampening = null, double? weight_decay = null,
            bool? maximize = null)
            : base(parameters, CreateOptions(lr, momentum, dampening, weight_decay, maximize))
        {
        }

        /// <summary>A group of named parameters; what is null is the optimizer's.</summary>
        /// <param name="parameters">As from <c>named_parameters()</c>.</param>
        /// <param name="lr">Learning rate; the optimizer's when null.</param>
        /// <param name="momentum">Momentum factor; the optimizer's when null.</param>
        /// <param name="dampening">Reduces the gradient's part in the momentum; the optimizer's when null.</param>
        /// <param name="weight_decay">L2 penalty; the optimizer's when null.</param>
        /// <param name="maximize">Ascend instead of descending; the optimizer's when null.</param>
        /// <exception cref="ArgumentOutOfRangeException">A hyperparameter is out of range.</exception>
        public ParamGroup(
            IEnumerable<(string name, Parameter parameter)> parameters,
            double? lr = null, double? momentum = null, double? dampening = null, double? weight_decay = null,
            bool? maximize = null)
            : base(parameters, CreateOptions(lr, momentum, dampening, weight_decay, maximize))
        {
        }

        /// <summary>Momentum factor.</summary>
        public double Momentum
        {
            get => Get("beta");
            set => Options["beta"] = Hyperparameters.NotNegative((double?)value, nameof(value));
        }

        private static RuleOptions<Rule> CreateOptions(
            double? lr, double? momentum, double? dampening, double? weight_decay, bool? maximize) =>
            new()
            {
                LearningRate = Hyperparameters.NotNegative(lr, nameof(lr)),
                ["beta"] = Hyperparameters.NotNegative(momentum, nameof(momentum)),
                ["dampening"] = dampening,
                ["weightDecay"] = Hyperparameters.NotNegative(weight_decay, nameof(weight_decay)),
                Maximize = maximize,
            };
    }
}
