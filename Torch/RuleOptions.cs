using System.Globalization;
using TorchSharp.Modules;

namespace Requant.Torch;

/// <summary>Hyperparameters of one parameter group; those that are not set are the optimizer's.</summary>
/// <remarks>TorchSharp's <c>LearningRate</c> is the rule's hyperparameter <c>lr</c>: set either, schedulers set the
/// former.</remarks>
/// <typeparam name="TRule">The record that the generator made of the rule.</typeparam>
public class RuleOptions<TRule> : TorchSharp.Modules.OptimizerOptions
    where TRule : IOptimizerRule<TRule>
{
    private const string MaximizeSetting = "maximize";

    private const string InitialRateSetting = "initial_lr";

    /// <summary>Names that streams of format 1 have beside those of hyperparameters, which have no points: the halves
    /// of the seed of stochastic rounding.</summary>
    private const string LowerSeedName = "rounding_seed.lower";

    private const string UpperSeedName = "rounding_seed.upper";

    private static readonly int LearningRateIndex = TRule.Info.IndexOfHyperparameter("lr");

    private double?[] _values = new double?[TRule.Info.Hyperparameters.Count];
    private double[] _applied = [];
    private RuleOptions<TRule>? _live;
    private TRule? _rule;

    /// <summary>Value of a hyperparameter by its name in the rule, as in <c>weightDecay</c>; a <c>bool</c> is 0 or 1.
    /// Null: the optimizer's.</summary>
    /// <exception cref="ArgumentException">The rule has no such hyperparameter; the message lists those it
    /// has.</exception>
    public double? this[string hyperparameter]
    {
        get => IndexOf(hyperparameter) is int index && index == LearningRateIndex ? LearningRate : _values[index];
        set
        {
            int index = IndexOf(hyperparameter);
            if (index == LearningRateIndex)
            {
                LearningRate = value;
            }
            else
            {
                _values[index] = value;
            }
        }
    }

    /// <summary>Ascend instead of descending: the rule gets the gradient with its sign turned. Null: the
    /// optimizer's.</summary>
    public bool? Maximize { get; set; }

    /// <summary>The group in an optimizer that these are the options of, or null.</summary>
    internal ParamGroup? Group { get; set; }

    internal StateLoad? Load { get; private set; }

    /// <summary>The optimizer's; null where the group is in none.</summary>
    internal TorchRounding? Rounding { get; private set; }

    /// <inheritdoc/>
    public override void SaveStateDict(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        base.SaveStateDict(writer);
        writer.Write(TRule.Info.Name);
        writer.Write(RuleIdentity.Mark(TRule.Info));
        writer.Write(Maximize ?? false);
        writer.Write((Rounding?.Mode ?? ParameterRounding.Nearest).ToString());
        ulong? seed = Rounding?.SeedInUse;
        writer.Write(seed is not null);
        if (seed is ulong present)
        {
            writer.Write(present);
        }

        writer.Write(_values.Length);
        for (int i = 0; i < _values.Length; i++)
        {
            writer.Write(TRule.Info.Hyperparameters[i].Name);
            writer.Write(ValueAt(i));
        }
    }

    /// <summary>Reads what <see cref="SaveStateDict"/> wrote. When part of a whole optimizer's load, takes effect
    /// with it.</summary>
    /// <exception cref="InvalidDataException">It is from another rule, or of another rounding.</exception>
    public override void LoadStateDict(BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        double initialLearningRate = reader.ReadDouble();
        double learningRate = reader.ReadDouble();
        int format = RuleIdentity.Require<TRule>(reader.ReadString(), reader.ReadString());
        bool maximize = reader.ReadBoolean();
        (ParameterRounding rounding, ulong? seed, double?[] values) =
            format == RuleIdentity.FirstFormat ? ReadFirstFormat(reader) : ReadFormat(reader);
        Rounding?.RequireSame(rounding, message => new InvalidDataException(message));
        int missing = Array.IndexOf(values, null);
        if (missing >= 0)
        {
            throw new InvalidDataException(
                $"The stream has no value for {TRule.Info.Hyperparameters[missing].Name} of rule {TRule.Info.Name}; it is damaged.");
        }

        RuleOptions<TRule> target = _live ?? this;
        void Commit()
        {
            for (int i = 0; i < values.Length; i++)
            {
                target._values[i] = values[i];
            }

            (target.InitialLearningRate, target.LearningRate) = (initialLearningRate, learningRate);
            target.Maximize = maximize;
            target.TakeSeed(seed);
        }

        if (Load is null)
        {
            Commit();
        }
        else
        {
            Load.Add(Commit);
        }
    }

    private static (ParameterRounding Rounding, ulong? Seed, double?[] Values) ReadFormat(BinaryReader reader)
    {
        string name = reader.ReadString();
        if (!Enum.TryParse(name, out ParameterRounding rounding) || rounding.ToString() != name)
        {
            throw new InvalidDataException($"The states are of an optimizer with {nameof(TorchOptions.Rounding)} = "
                + $"{name}, which this version does not know; load "
                + "them with the version that saved them.");
        }

        ulong? seed = reader.ReadBoolean() ? reader.ReadUInt64() : null;
        if (rounding == ParameterRounding.Stochastic && seed is null)
        {
            throw new InvalidDataException(
                "The states are of stochastic rounding and have no rounding seed; the stream is damaged.");
        }

        double?[] values = new double?[TRule.Info.Hyperparameters.Count];
        for (int left = reader.ReadInt32(); left > 0; left--)
        {
            values[IndexOf(reader.ReadString())] = reader.ReadDouble();
        }

        return (rounding, seed, values);
    }

    /// <summary>The seed is there where parameters are rounded stochastically, as two hyperparameters that no rule
    /// has.</summary>
    private static (ParameterRounding Rounding, ulong? Seed, double?[] Values) ReadFirstFormat(BinaryReader reader)
    {
        ulong? seed = null;
        double?[] values = new double?[TRule.Info.Hyperparameters.Count];
        for (int left = reader.ReadInt32(); left > 0; left--)
        {
            string name = reader.ReadString();
            double value = reader.ReadDouble();
            if (name is LowerSeedName or UpperSeedName)
            {
                seed = (seed ?? 0) | ((ulong)HalfOfSeed(value) << (name == LowerSeedName ? 0 : 32));
            }
            else
            {
                values[IndexOf(name)] = value;
            }
        }

        return (seed is null ? ParameterRounding.Nearest : ParameterRounding.Stochastic, seed, values);
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
        TRule.Info.Hyperparameters.Select((info, index) => (info.Name, Value: ValueAt(index))).ToDictionary(one => one.Name, one => one.Value),
        new Dictionary<string, double> { [MaximizeSetting] = Maximize == true ? 1 : 0, [InitialRateSetting] = InitialLearningRate });

    /// <summary>Throws unless a group of this class can have these settings. One that the runtime alone saved has none.</summary>
    internal static void RequireSettings(CheckpointGroup group)
    {
        foreach ((string name, double value) in group.Settings)
        {
            bool isKnown = name == MaximizeSetting ? value is 0 or 1 : name == InitialRateSetting && double.IsFinite(value);
            if (!isKnown)
            {
                throw new CheckpointException($"A group of the checkpoint has setting {name} with value {value}, which this version does not know; load "
                    + "it with the version that saved it.");
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
            $"The options are {Describe(source)}, and this optimizer runs rule {TRule.Info.Name}: its groups are ParamGroup of its own class, such as "
                + $"Adam8bit.ParamGroup, or RuleParamGroup<{TRule.Info.Name}>. States of another library's optimizer are taken from a file, by ImportStates.",
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

    /// <summary>Throws unless every hyperparameter has a value.</summary>
    internal void RequireComplete()
    {
        string? missing = LearningRate is null ? nameof(LearningRate) : TRule.Info.Hyperparameters
            .Where((_, index) => index != LearningRateIndex && _values[index] is null).FirstOrDefault()?.Name;
        if (missing is not null)
        {
            throw new ArgumentException($"The options have no value for {missing} of rule {TRule.Info.Name}; load those of an "
                + "optimizer's state_dict().");
        }
    }

    /// <summary>The same values in an object that is no group's.</summary>
    internal RuleOptions<TRule> Copy()
    {
        var copy = (RuleOptions<TRule>)MemberwiseClone();
        copy._values = [.. _values];
        (copy._rule, copy._applied) = (default, []);
        (copy.Group, copy.Load, copy.Rounding, copy._live) = (null, null, null, null);
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
    internal void Complete(TRule defaults, bool maximize = false)
    {
        Maximize ??= maximize;
        for (int i = 0; i < _values.Length; i++)
        {
            _values[i] ??= Widen(defaults, i);
        }

        LearningRate ??= LearningRateIndex >= 0 ? Widen(defaults, LearningRateIndex) : 1;
        InitialLearningRate = LearningRate.Value;
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

        if (!(LearningRate >= 0 && float.IsFinite((float)LearningRate.Value)))
        {
            throw new InvalidOperationException($"The learning rate of a group was set to {LearningRate}; it is a number, 0 or more, that float32 can hold. "
                + "To ascend, pass maximize: true.");
        }

        return LearningRateIndex >= 0 || LearningRate == InitialLearningRate ? _rule : throw new NotSupportedException(
            $"The learning rate was set to {LearningRate}, but rule {TRule.Info.Name} has no hyperparameter named "
                + "lr that it could be.");
    }

    /// <summary>Name and value of each.</summary>
    public override string ToString() => string.Join(", ", TRule.Info.Hyperparameters.Select(
        (info, i) => string.Create(CultureInfo.InvariantCulture, $"{info.Name} "
            + $"{(i == LearningRateIndex ? LearningRate : _values[i])}")));

    private void TakeSeed(ulong? seed)
    {
        if (Rounding is not null)
        {
            Rounding.Seed = seed ?? Rounding.Seed;
        }
    }

    private static uint HalfOfSeed(double value) => value >= 0 && value <= uint.MaxValue && value == Math.Truncate(value)
        ? (uint)value
        : throw new InvalidDataException($"Half of a rounding seed is {value}, which is no number of 32 bits; the stream is damaged.");

    private double ValueAt(int index) => (index == LearningRateIndex ? LearningRate : _values[index])
        ?? throw new InvalidOperationException(
            $"Hyperparameter {TRule.Info.Hyperparameters[index].Name} is not set; add the group to an optimizer "
                + "first, or set it.");

    /// <summary>0.001 for 0.001f, not 0.0010000000474974513: the shortest text that gives the same float32. Integers
    /// stay as they are; float32 has not all of them.</summary>
    private static double Widen(TRule rule, int index)
    {
        double value = rule.GetHyperparameter(index);
        return TRule.Info.Hyperparameters[index].Kind == HyperparameterKind.Float
            ? double.Parse(((float)value).ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)
            : value;
    }

    private static int IndexOf(string name)
    {
        int index = TRule.Info.IndexOfHyperparameter(name);
        return index >= 0 ? index : throw new ArgumentException(
            $"Rule {TRule.Info.Name} has no hyperparameter '{name}'; it has "
                + $"{string.Join(", ", TRule.Info.Hyperparameters.Select(info => info.Name))}.",
            nameof(name));
    }
}
