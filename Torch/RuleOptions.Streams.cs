namespace Requant.Torch;

/// <content>How TorchSharp's streams have the options.</content>
public partial class RuleOptions<TRule>
{
    /// <summary>Names that streams of format 1 have beside those of hyperparameters, which have no points: the halves
    /// of the seed of stochastic rounding.</summary>
    private const string LowerSeedName = "rounding_seed.lower";

    private const string UpperSeedName = "rounding_seed.upper";

    /// <inheritdoc/>
    public override void SaveStateDict(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        base.SaveStateDict(writer);
        writer.Write(RuleInfo.Of<TRule>().Name);
        writer.Write(RuleIdentity.Mark(RuleInfo.Of<TRule>()));
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
            writer.Write(RuleInfo.Of<TRule>().Hyperparameters[i].Name);
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
                $"The stream has no value for {RuleInfo.Of<TRule>().Hyperparameters[missing].Name} of rule {RuleInfo.Of<TRule>().Name}; it is damaged.");
        }

        if (ComplaintOf(index => index == LearningRateIndex ? learningRate : values[index]!.Value) is { } complaint)
        {
            throw new InvalidDataException($"The stream has {complaint} It is damaged, or of a run that had gone wrong.");
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

        double?[] values = new double?[RuleInfo.Of<TRule>().Hyperparameters.Count];
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
        double?[] values = new double?[RuleInfo.Of<TRule>().Hyperparameters.Count];
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

    private static uint HalfOfSeed(double value) => value >= 0 && value <= uint.MaxValue && value == Math.Truncate(value)
        ? (uint)value
        : throw new InvalidDataException($"Half of a rounding seed is {value}, which is no number of 32 bits; the stream is damaged.");
}
