using TorchSharp.Modules;
using Rule = Requant.Optimizers.SgdW;

namespace Requant.Torch;

/// <summary>Gradient descent with an 8-bit momentum and decoupled weight decay. TorchSharp has none; the parameters are
/// those of <see cref="Sgd8bit"/>.</summary>
/// <remarks>
/// Dampening does not apply to the first step, as in PyTorch. Source: arXiv 1711.05101 and 2110.02861.
/// <code>using var optimizer = new SgdW8bit(model.parameters(), learningRate: 0.1, momentum: 0.9);</code>
/// </remarks>
public sealed class SgdW8bit : MomentumOptimizer<Rule>
{
    /// <summary>An optimizer with several parameter groups.</summary>
    /// <param name="parameters">float32, float16 or bfloat16 on the CPU, each once: from <c>model.parameters()</c>; from
    /// <c>model.named_parameters()</c>, whose names appear in messages; or in groups, which take from here what they do
    /// not set.</param>
    /// <param name="learningRate">Learning rate.</param>
    /// <param name="momentum">Momentum factor.</param>
    /// <param name="dampening">Reduces the gradient's part in the momentum.</param>
    /// <param name="weight_decay">Decoupled weight decay, multiplied by the learning rate.</param>
    /// <param name="nesterov">Look ahead; needs momentum without dampening.</param>
    /// <param name="maximize">Ascend instead of descending.</param>
    /// <param name="options">How states are kept; defaults when null.</param>
    /// <exception cref="ArgumentOutOfRangeException">A hyperparameter is out of range.</exception>
    /// <exception cref="ArgumentException">nesterov without momentum, or with dampening; or there is no parameter, one
    /// is given twice or disposed, or an option has a value it cannot have.</exception>
    /// <exception cref="NotSupportedException">A parameter's type or device is one that this version does not
    /// have.</exception>
    public SgdW8bit(
        IEnumerable<ParamGroup> parameters,
        double learningRate, double momentum = 0, double dampening = 0, double weight_decay = 0.01,
        bool nesterov = false, bool maximize = false, TorchOptions? options = null)
        : base(parameters, new Rule(), Given(
            learningRate, momentum, dampening, weight_decay, nesterov, maximize), options)
    {
    }

    /// <summary>An optimizer with one parameter group.</summary>
    /// <inheritdoc cref="SgdW8bit(IEnumerable{ParamGroup}, double, double, double, double, bool, bool, TorchOptions)"/>
    public SgdW8bit(
        IEnumerable<Parameter> parameters,
        double learningRate, double momentum = 0, double dampening = 0, double weight_decay = 0.01,
        bool nesterov = false, bool maximize = false, TorchOptions? options = null)
        : this(
            [new ParamGroup(parameters)], learningRate, momentum, dampening, weight_decay, nesterov, maximize, options)
    {
    }

    /// <summary>An optimizer with one group of named parameters.</summary>
    /// <inheritdoc cref="SgdW8bit(IEnumerable{ParamGroup}, double, double, double, double, bool, bool, TorchOptions)"/>
    public SgdW8bit(
        IEnumerable<(string name, Parameter parameter)> parameters,
        double learningRate, double momentum = 0, double dampening = 0, double weight_decay = 0.01,
        bool nesterov = false, bool maximize = false, TorchOptions? options = null)
        : this(
            [new ParamGroup(parameters)], learningRate, momentum, dampening, weight_decay, nesterov, maximize, options)
    {
    }

    /// <summary>An optimizer with several parameter groups; the learning rate by its other name.</summary>
    /// <inheritdoc cref="SgdW8bit(IEnumerable{ParamGroup}, double, double, double, double, bool, bool, TorchOptions)"/>
    public SgdW8bit(
        IEnumerable<ParamGroup> parameters,
        LearningRate lr, double momentum = 0, double dampening = 0, double weight_decay = 0.01,
        bool nesterov = false, bool maximize = false, TorchOptions? options = null)
        : this(parameters, lr.Value, momentum, dampening, weight_decay, nesterov, maximize, options)
    {
    }

    /// <summary>An optimizer with one parameter group; the learning rate by its other name.</summary>
    /// <inheritdoc cref="SgdW8bit(IEnumerable{ParamGroup}, double, double, double, double, bool, bool, TorchOptions)"/>
    public SgdW8bit(
        IEnumerable<Parameter> parameters,
        LearningRate lr, double momentum = 0, double dampening = 0, double weight_decay = 0.01,
        bool nesterov = false, bool maximize = false, TorchOptions? options = null)
        : this(parameters, lr.Value, momentum, dampening, weight_decay, nesterov, maximize, options)
    {
    }

    /// <summary>An optimizer with one group of named parameters; the learning rate by its other name.</summary>
    /// <inheritdoc cref="SgdW8bit(IEnumerable{ParamGroup}, double, double, double, double, bool, bool, TorchOptions)"/>
    public SgdW8bit(
        IEnumerable<(string name, Parameter parameter)> parameters,
        LearningRate lr, double momentum = 0, double dampening = 0, double weight_decay = 0.01,
        bool nesterov = false, bool maximize = false, TorchOptions? options = null)
        : this(parameters, lr.Value, momentum, dampening, weight_decay, nesterov, maximize, options)
    {
    }

    private static Options Given(
        double? learningRate, double? momentum, double? dampening, double? weight_decay, bool? nesterov,
        bool? maximize) => new()
        {
            LearningRate = Options.Checked("lr", learningRate, nameof(learningRate)),
            momentum = momentum,
            dampening = dampening,
            weight_decay = weight_decay,
            nesterov = nesterov,
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

        /// <summary>Reduces the gradient's part in the momentum.</summary>
        /// <exception cref="ArgumentOutOfRangeException">It is out of range.</exception>
        public double? dampening
        {
            get => this["dampening"];
            set => Set("dampening", value);
        }

        /// <summary>Decoupled weight decay, multiplied by the learning rate.</summary>
        /// <exception cref="ArgumentOutOfRangeException">It is out of range.</exception>
        public double? weight_decay
        {
            get => this["weightDecay"];
            set => Set("weightDecay", value);
        }

        /// <summary>Look ahead; needs momentum without dampening.</summary>
        public bool? nesterov
        {
            get => Hyperparameters.Flag(this["nesterov"]);
            set => this["nesterov"] = Hyperparameters.Flag(value);
        }

        /// <summary>As PyTorch requires it.</summary>
        private protected override string? Inconsistency =>
            nesterov == true && !(momentum > 0 && dampening == 0)
                ? $"nesterov needs momentum above 0 and no dampening; they are {momentum} and {dampening}."
                : null;

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
        /// <param name="dampening">Reduces the gradient's part in the momentum.</param>
        /// <param name="weight_decay">Decoupled weight decay, multiplied by the learning rate.</param>
        /// <param name="nesterov">Look ahead; needs momentum without dampening.</param>
        /// <param name="maximize">Ascend instead of descending.</param>
        /// <exception cref="ArgumentOutOfRangeException">A hyperparameter is out of range.</exception>
        public ParamGroup(
            IEnumerable<Parameter> parameters,
            double? lr = null, double? momentum = null, double? dampening = null, double? weight_decay = null,
            bool? nesterov = null, bool? maximize = null)
            : base(parameters, Given(
                Options.Checked("lr", lr, nameof(lr)), momentum, dampening, weight_decay, nesterov, maximize))
        {
        }

        /// <summary>A group of named parameters; what is null is the optimizer's.</summary>
        /// <inheritdoc cref="ParamGroup(IEnumerable{Parameter}, double?, double?, double?, double?, bool?, bool?)"/>
        public ParamGroup(
            IEnumerable<(string name, Parameter parameter)> parameters,
            double? lr = null, double? momentum = null, double? dampening = null, double? weight_decay = null,
            bool? nesterov = null, bool? maximize = null)
            : base(parameters, Given(
                Options.Checked("lr", lr, nameof(lr)), momentum, dampening, weight_decay, nesterov, maximize))
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
