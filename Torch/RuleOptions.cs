using System.Globalization;
using System.Runtime.CompilerServices;
using TorchSharp.Modules;

namespace Requant.Torch;

/// <summary>Hyperparameters of one parameter group; those that are not set are the optimizer's.</summary>
/// <remarks>TorchSharp's <c>LearningRate</c> is the rule's hyperparameter <c>lr</c>: set either, schedulers set the
/// former.</remarks>
/// <typeparam name="TRule">The record that the generator made of the rule.</typeparam>
public partial class RuleOptions<TRule> : TorchSharp.Modules.OptimizerOptions
    where TRule : IOptimizerRule<TRule>
{
    private const string MaximizeSetting = "maximize";

    private const string InitialRateSetting = "initial_lr";

    private static int LearningRateIndex => RuleInfo.Of<TRule>().IndexOfHyperparameter("lr");

    /// <summary>For a rule without a learning rate, which TorchSharp's groups have all the same.</summary>
    private static readonly HyperparameterInfo AnyRate =
        new() { Name = "lr", Kind = HyperparameterKind.Float, DefaultValue = 1,
            Range = new HyperparameterRange(0, float.MaxValue) };

    private double?[] _values = new double?[RuleInfo.Of<TRule>().Hyperparameters.Count];
    private double[] _applied = [];
    private RuleOptions<TRule>? _live;
    private TRule? _rule;

    /// <summary>Value of a hyperparameter by its name in the rule, as in <c>weightDecay</c>; a <c>bool</c> is 0 or 1.
    /// Null: the optimizer's.</summary>
    /// <exception cref="ArgumentException">The rule has no such hyperparameter; the message lists those it
    /// has.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The rule cannot have the value; nothing is set.</exception>
    public double? this[string hyperparameter]
    {
        get => IndexOf(hyperparameter) is int index && index == LearningRateIndex ? LearningRate : _values[index];
        set => Set(hyperparameter, value, hyperparameter);
    }

    /// <summary>Ascend instead of descending: the rule gets the gradient with its sign turned. Null: the
    /// optimizer's.</summary>
    public bool? Maximize { get; set; }

    /// <summary>What is wrong with the values together, which are set, or null.</summary>
    protected virtual string? Inconsistency => null;

    /// <summary>A <c>bool</c> as options hold it: as a number.</summary>
    /// <param name="value">The <c>bool</c>.</param>
    protected static double? Flag(bool? value) => value switch { null => null, true => 1, false => 0 };

    /// <summary>The number as a <c>bool</c>.</summary>
    /// <param name="value">The number.</param>
    protected static bool? Flag(double? value) => value is null ? null : value != 0;

    /// <summary>The group in an optimizer that these are the options of, or null.</summary>
    internal ParamGroup? Group { get; set; }

    internal StateLoad? Load { get; private set; }

    /// <summary>The optimizer's; null where the group is in none.</summary>
    internal TorchRounding? Rounding { get; private set; }

    /// <summary>Returns the value if the rule can have it; null is the optimizer's.</summary>
    /// <param name="hyperparameter">The name in the rule.</param>
    /// <param name="value">The value.</param>
    /// <param name="name">What the caller calls it, for the message; the name in the rule when null.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rule cannot have it.</exception>
    protected internal static double? Checked(string hyperparameter, double? value, string? name = null) =>
        value is double given
            ? RuleInfo.Of<TRule>().Hyperparameters[IndexOf(hyperparameter)].Require(given, name)
            : null;

    /// <summary>Sets a value that the rule can have.</summary>
    /// <param name="hyperparameter">The name in the rule.</param>
    /// <param name="value">The value; null is the optimizer's.</param>
    /// <param name="name">What the caller calls it, for the message.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rule cannot have it; nothing is set.</exception>
    protected internal void Set(string hyperparameter, double? value, [CallerMemberName] string name = "")
    {
        int index = IndexOf(hyperparameter);
        Checked(hyperparameter, value, name);
        if (index == LearningRateIndex)
        {
            LearningRate = value;
        }
        else
        {
            _values[index] = value;
        }
    }

    /// <summary>Copies another group's hyperparameters.</summary>
    /// <exception cref="ArgumentException">It is of another rule, or a value of it is not set.</exception>
    public override void LoadStateDict(TorchSharp.Modules.OptimizerOptions source)
    {
        RuleOptions<TRule> other = RequireSameRule(source);
        other.RequireComplete();
        if (_live is not null)
        {
            _live.LoadStateDict(source);
            return;
        }

        for (int i = 0; i < _values.Length; i++)
        {
            _values[i] = other.ValueAt(i);
        }

        Maximize = other.Maximize;
        TakeSeed(other.Rounding?.SeedInUse);
        base.LoadStateDict(source);
    }

    /// <summary>What a checkpoint has for this group.</summary>
    internal CheckpointGroup ToCheckpoint() => new(
        RuleInfo.Of<TRule>().Hyperparameters.Select((info, index) => (info.Name, Value: ValueAt(index)))
            .ToDictionary(one => one.Name, one => one.Value),
        new Dictionary<string, double>
        {
            [MaximizeSetting] = Maximize == true ? 1 : 0,
            [InitialRateSetting] = InitialLearningRate,
        });

    /// <summary>Throws unless a group of this class can have these settings. One that the runtime alone
    /// saved has none.</summary>
    internal static void RequireSettings(CheckpointGroup group)
    {
        foreach ((string name, double value) in group.Settings)
        {
            bool isKnown = name == MaximizeSetting
                ? value is 0 or 1
                : name == InitialRateSetting && double.IsFinite(value);
            if (!isKnown)
            {
                throw new CheckpointException($"A group of the checkpoint has setting {name} with value {value}, which "
                    + "this version does not know; load it with the version that saved it.");
            }
        }
    }

    /// <summary>Takes what a checkpoint has for this group.</summary>
    internal void Take(CheckpointGroup group)
    {
        foreach ((string name, double value) in group.Hyperparameters)
        {
            this[name] = value;
        }

        Maximize = group.Settings.GetValueOrDefault(MaximizeSetting) != 0;
        InitialLearningRate = group.Settings.GetValueOrDefault(InitialRateSetting, LearningRate!.Value);
    }

    internal static RuleOptions<TRule> RequireSameRule(TorchSharp.Modules.OptimizerOptions source) =>
        source as RuleOptions<TRule> ?? throw new ArgumentException(
            $"The options are {Describe(source)}, and this optimizer runs rule {RuleInfo.Of<TRule>().Name}: its groups "
                + "are ParamGroup of its own class, such as Adam8bit.ParamGroup, "
                + $"or RuleParamGroup<{RuleInfo.Of<TRule>().Name}>. States of another library's optimizer are taken "
                + "from a file, by ImportStates.",
            nameof(source));

    private static string Describe(TorchSharp.Modules.OptimizerOptions? source)
    {
        for (Type? type = source?.GetType(); type is not null; type = type.BaseType)
        {
            if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(RuleOptions<>))
            {
                return $"those of rule {type.GenericTypeArguments[0].Name}";
            }
        }

        return source?.GetType().FullName?.Replace('+', '.') ?? "null";
    }

    /// <summary>A copy for a state dictionary: what is loaded through it goes to these.</summary>
    internal RuleOptions<TRule> Snapshot()
    {
        RuleOptions<TRule> copy = Copy();
        (copy._live, copy.Load, copy.Rounding) = (this, Load, Rounding?.Copy());
        return copy;
    }

    /// <summary>Throws unless every hyperparameter has a value that the rule can have.</summary>
    internal void RequireComplete()
    {
        string? missing = LearningRate is null ? nameof(LearningRate) : RuleInfo.Of<TRule>().Hyperparameters
            .Where((_, index) => index != LearningRateIndex && _values[index] is null).FirstOrDefault()?.Name;
        if (missing is not null)
        {
            throw new ArgumentException($"The options have no value for {missing} of rule {RuleInfo.Of<TRule>().Name}; "
                + "load those of an optimizer's state_dict().");
        }

        if (ComplaintOf(ValueAt) is { } complaint)
        {
            throw new ArgumentException($"The options have {complaint}");
        }
    }

    /// <summary>The first value that the rule cannot have, and what it must be, or null.</summary>
    private static string? ComplaintOf(Func<int, double> valueAt)
    {
        for (int i = 0; i < RuleInfo.Of<TRule>().Hyperparameters.Count; i++)
        {
            HyperparameterInfo info = RuleInfo.Of<TRule>().Hyperparameters[i];
            if (info.Complaint(valueAt(i)) is { } complaint)
            {
                return string.Create(
                    CultureInfo.InvariantCulture, $"{info.Name} = {valueAt(i)}; it must be {complaint}.");
            }
        }

        return null;
    }

    /// <summary>The same values in an object that is no group's.</summary>
    internal RuleOptions<TRule> Copy()
    {
        var copy = (RuleOptions<TRule>)MemberwiseClone();
        copy._values = [.. _values];
        (copy._rule, copy._applied) = (default, []);
        (copy.Group, copy.Load, copy.Rounding, copy._live, copy.Image) = (null, null, null, null, null);
        return copy;
    }

    /// <summary>Takes all that <see cref="Copy"/> gave, unset values too, and leaves the optimizer.</summary>
    internal void Take(RuleOptions<TRule> copy)
    {
        copy._values.CopyTo(_values, 0);
        (LearningRate, InitialLearningRate, Maximize) = (copy.LearningRate, copy.InitialLearningRate, copy.Maximize);
        (_rule, _applied) = (default, []);
        (Group, Load, Rounding) = (null, null, null);
    }

    /// <summary>Follows an optimizer's loads and seed.</summary>
    internal void Join(StateLoad load, TorchRounding rounding) => (Load, Rounding, _live) = (load, rounding, null);

    /// <summary>Takes what is not set from the optimizer's rule.</summary>
    /// <exception cref="ArgumentException">The values do not go together.</exception>
    internal void Complete(TRule defaults, bool maximize = false)
    {
        Maximize ??= maximize;
        for (int i = 0; i < _values.Length; i++)
        {
            _values[i] ??= ShortestDouble(defaults, i);
        }

        LearningRate ??= LearningRateIndex >= 0 ? ShortestDouble(defaults, LearningRateIndex) : 1;
        InitialLearningRate = LearningRate.Value;
        if (Inconsistency is { } complaint)
        {
            throw new ArgumentException(complaint);
        }
    }

    /// <summary>The rule with these hyperparameters, where they are set.</summary>
    internal TRule Over(TRule defaults)
    {
        Complete(defaults);
        return Apply(defaults);
    }

    /// <summary>The rule with these hyperparameters; the same instance as before when none has changed.</summary>
    internal TRule Apply(TRule defaults)
    {
        RequireRunnable();
        if (_rule is null)
        {
            _rule = defaults;
            _applied = [.. Enumerable.Range(0, _values.Length).Select(defaults.GetHyperparameter)];
        }

        for (int i = 0; i < _applied.Length; i++)
        {
            double value = ValueAt(i);
            if (value != _applied[i])
            {
                _rule = _rule.WithHyperparameter(i, value);
                _applied[i] = value;
            }
        }

        return LearningRateIndex >= 0 || LearningRate == InitialLearningRate ? _rule : throw new NotSupportedException(
            $"The learning rate was set to {LearningRate}, but rule {RuleInfo.Of<TRule>().Name} has no hyperparameter "
                + "named lr that it could be.");
    }

    /// <summary>TorchSharp's schedulers and groups set the learning rate without a check, and
    /// values one by one.</summary>
    private void RequireRunnable()
    {
        HyperparameterInfo rate = LearningRateIndex >= 0
            ? RuleInfo.Of<TRule>().Hyperparameters[LearningRateIndex]
            : AnyRate;
        if (rate.Complaint(LearningRate ?? double.NaN) is { } complaint)
        {
            throw new InvalidOperationException(
                $"The learning rate of a group was set to {LearningRate}; it must be {complaint}. "
                + "To ascend, pass maximize: true.");
        }

        if (Inconsistency is { } inconsistency)
        {
            throw new InvalidOperationException(
                $"The options of a group were set to values that do not go together: {inconsistency}");
        }
    }

    /// <summary>Name and value of each.</summary>
    public override string ToString() => string.Join(", ", RuleInfo.Of<TRule>().Hyperparameters.Select(
        (info, i) => string.Create(CultureInfo.InvariantCulture, $"{info.Name} "
            + $"{(i == LearningRateIndex ? LearningRate : _values[i])}")));

    private void TakeSeed(ulong? seed)
    {
        if (Rounding is not null)
        {
            Rounding.Seed = seed ?? Rounding.Seed;
        }
    }

    private double ValueAt(int index) => (index == LearningRateIndex ? LearningRate : _values[index])
        ?? throw new InvalidOperationException(
            $"Hyperparameter {RuleInfo.Of<TRule>().Hyperparameters[index].Name} is not set; add the group to an "
                + "optimizer first, or set it.");

    /// <summary>0.001 for 0.001f, not 0.0010000000474974513: the shortest text that gives the same float32. Integers
    /// stay as they are; float32 has not all of them.</summary>
    private static double ShortestDouble(TRule rule, int index)
    {
        double value = rule.GetHyperparameter(index);
        return RuleInfo.Of<TRule>().Hyperparameters[index].Kind == HyperparameterKind.Float
            ? double.Parse(((float)value).ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)
            : value;
    }

    private static int IndexOf(string name)
    {
        int index = RuleInfo.Of<TRule>().IndexOfHyperparameter(name);
        return index >= 0 ? index : throw new ArgumentException(
            $"Rule {RuleInfo.Of<TRule>().Name} has no hyperparameter '{name}'; it has "
                + $"{string.Join(", ", RuleInfo.Of<TRule>().Hyperparameters.Select(info => info.Name))}.",
            nameof(name));
    }
}
