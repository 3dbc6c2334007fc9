using Requant.Checkpoints.Images;
using Requant.Checkpoints.Safetensors;

namespace Requant.Checkpoints;

/// <summary>Compares what a checkpoint says of itself with the optimizer that loads it, before any
/// tensor is read.</summary>
internal sealed class CheckpointFit(CheckpointManifest manifest, RuleInfo rule, LoadOptions options)
{
    private readonly List<(ManifestParameter Saved, ParameterState Mine)> _pairs = [];
    private readonly CheckpointDifferences _differences = new();

    /// <summary>Each parameter of the checkpoint and the one of the same name here.</summary>
    public IReadOnlyList<(ManifestParameter Saved, ParameterState Mine)> Pairs => _pairs;

    /// <summary>Throws unless rule, rounding, groups, parameters and states are the same, but for what
    /// options allow.</summary>
    public void Require(int groups, IReadOnlyList<CheckpointParameter> parameters, ParameterRounding rounding)
    {
        RequireRule();
        CompareRounding(rounding);
        if (manifest.Groups.Count != groups)
        {
            throw new CheckpointException($"The checkpoint has {manifest.Groups.Count} parameter groups and this "
                + $"optimizer {groups}; make it with the same groups.");
        }

        foreach (CheckpointGroup group in manifest.Groups)
        {
            HyperparameterFit.Require(group.Hyperparameters, rule, mayLack: options.AcceptOtherHash);
        }

        RequireSameNames(
            "parameters", manifest.Parameters.Select(one => one.Name), parameters.Select(one => one.Name),
            "make the optimizer for the same model, with the names that it was saved with");
        Dictionary<string, CheckpointParameter> mine = parameters.ToDictionary(one => one.Name, StringComparer.Ordinal);
        foreach (ManifestParameter saved in manifest.Parameters)
        {
            RequireParameter(saved, mine[saved.Name]);
            _pairs.Add((saved, mine[saved.Name].State));
        }

        _differences.ThrowIfAny();
    }

    /// <summary>Throws unless the file has the tensors of the parameters' states, and no others.</summary>
    public void RequireTensors(SafetensorsHeader header)
    {
        Dictionary<string, (SafetensorsType Type, long Count)> expected = new(StringComparer.Ordinal);
        foreach ((ManifestParameter saved, ParameterState mine) in _pairs)
        {
            foreach (ManifestState state in saved.States.Where(state => state.InUse))
            {
                long length = mine.WholeLengthOf(mine.States[state.Name]);
                foreach (StateMemoryKind kind in StatePart.Kinds(SavedState.CodecOf(state) != Codec.Float32))
                {
                    expected[StatePart.NameOf(saved.Name, state.Name, kind)] = (StatePart.TypeOf(kind),
                        kind == StateMemoryKind.Absmax ? BlockSizes.Count(length, state.BlockSize) : length);
                }
            }

            foreach (string name in saved.TensorStates)
            {
                expected[StatePart.NameOfScalar(saved.Name, name)] = (SafetensorsType.F32, 1);
            }

            if (saved.Remainder)
            {
                expected[StatePart.NameOfRemainder(saved.Name)] = (SafetensorsType.I16, mine.WholeLength);
            }
        }

        RequireSameNames("tensors", header.Tensors.Keys, expected.Keys, "the file is damaged");
        RequireSameNames("checksums", manifest.Checksums.Keys, expected.Keys, "the file is damaged");
        foreach ((string name, (SafetensorsType type, long count)) in expected)
        {
            SafetensorsTensor tensor = header.Tensors[name];
            if (tensor.Type != type || tensor.Count != count)
            {
                throw new CheckpointException($"Tensor {tensor} should be {type}[{count}]; the file is damaged.");
            }
        }
    }

    private void RequireRule()
    {
        if (manifest.Rule != rule.Name)
        {
            throw new CheckpointException($"The checkpoint is of rule {manifest.Rule} and this optimizer runs "
                + $"{rule.Name}; load it into the former.");
        }

        // That of format 1 was of declared codecs and block sizes too, which may have changed since; what it guarded is
        // compared one by one.
        bool isHashOurs = manifest.Format > CheckpointManifest.FirstFormat;
        if (isHashOurs && manifest.RuleHash != rule.Hash && !options.AcceptOtherHash)
        {
            throw new CheckpointException(
                $"The checkpoint is of another version of rule {rule.Name}, with hash {manifest.RuleHash}; this one's "
                + $"is {rule.Hash}. Load it with the version that saved it, "
                + $"or set {nameof(LoadOptions)}.{nameof(LoadOptions.AcceptOtherHash)} if the states mean the same.");
        }
    }

    private void CompareRounding(ParameterRounding mine)
    {
        var saved = SavedState.Parse<ParameterRounding>(
            manifest.ParameterRounding!, "The checkpoint was saved with Rounding =");
        bool isStochastic = saved == ParameterRounding.Stochastic
            || manifest.Parameters.Any(
                one => one.States.Any(state => SavedState.RoundingOf(state) == StateRounding.Stochastic));
        if (isStochastic && manifest.RoundingSeed is null)
        {
            throw new CheckpointException(
                "The checkpoint is of stochastic rounding and has no rounding_seed; the file is damaged.");
        }

        if (saved != mine && !options.AcceptOtherRounding)
        {
            _differences.Add(
                $"The checkpoint was saved with Rounding = {saved} and this optimizer has {mine}",
                $"Rounding = {saved}", nameof(LoadOptions.AcceptOtherRounding));
        }
    }

    private void RequireParameter(ManifestParameter saved, CheckpointParameter mine)
    {
        ParameterState state = mine.State;
        if (saved.Group != mine.Group)
        {
            throw new CheckpointException(
                $"Parameter '{saved.Name}' was saved in group {saved.Group} and is in group {mine.Group} here.");
        }

        if (mine.Shape is null ? !HasLength(saved.Shape, state.WholeLength) : !saved.Shape.SequenceEqual(mine.Shape))
        {
            throw new CheckpointException($"Parameter '{saved.Name}' was saved with shape "
                + $"[{string.Join(", ", saved.Shape)}] and has "
                + $"[{string.Join(", ", mine.Shape ?? [state.WholeLength])}] here; load it for the same model.");
        }

        if (saved.Step < 0)
        {
            throw new CheckpointException(
                $"Parameter '{saved.Name}' was saved at step {saved.Step}; the file is damaged.");
        }

        string fix = $"load it with the version that saved it; rule {rule.Name} has changed since";
        RequireSameNames(
            $"states of '{saved.Name}'", saved.States.Select(one => one.Name), state.States.Select(one => one.Name),
            fix);
        RequireSameNames($"tensor states of '{saved.Name}'", saved.TensorStates, state.TensorStates.Names, fix);
        foreach (ManifestState one in saved.States)
        {
            CompareState(saved.Name, one, state.States[one.Name]);
        }

        CompareRemainder(saved, state);
    }

    private void CompareRemainder(ManifestParameter saved, ParameterState mine)
    {
        bool isDropped = saved.Remainder && mine.Remainder is null;
        bool isMissing = !saved.Remainder && mine.HasRemainder;
        if ((isDropped || isMissing) && !options.AcceptOtherRounding)
        {
            _differences.Add(
                $"Parameter '{saved.Name}' was saved {(isDropped ? "with" : "without")} remainders of 16 bits and has "
                + $"{(isDropped ? "none" : "some")} here",
                $"MasterWeights = {(isDropped ? MasterWeights.Remainder16 : MasterWeights.None)}",
                nameof(LoadOptions.AcceptOtherRounding));
        }
    }

    private void CompareState(string parameter, ManifestState saved, QuantizedState mine)
    {
        Codec codec = SavedState.CodecOf(saved);
        if (saved.BlockSize is < BlockSizes.Min or > BlockSizes.Max || saved.BlockSize % BlockSizes.Min != 0)
        {
            throw new CheckpointException($"State '{saved.Name}' of '{parameter}' was saved with blocks of "
                + $"{saved.BlockSize} elements; the file is damaged.");
        }

        StateRounding rounding = SavedState.RoundingOf(saved);
        string differs = $"State '{saved.Name}' of '{parameter}' was saved as "
            + $"{Describe(codec, saved.BlockSize, rounding)} and is "
            + $"{Describe(mine.Codec, mine.BlockSize, mine.Rounding)} here";
        bool isOtherPrecision = (codec == Codec.Float32) != (mine.Codec == Codec.Float32);
        if (isOtherPrecision && !options.ConvertPrecision)
        {
            _differences.Add(
                differs, "the same MinQuantizedLength, KeepFloat32 and Codecs", nameof(LoadOptions.ConvertPrecision));
        }

        if (saved.BlockSize != mine.BlockSize && !options.ConvertBlockSize)
        {
            _differences.Add(differs, "the same BlockSize", nameof(LoadOptions.ConvertBlockSize));
        }

        if (!isOtherPrecision && codec != mine.Codec && !options.ConvertCodec)
        {
            _differences.Add(differs, CureOf(codec), nameof(LoadOptions.ConvertCodec));
        }

        // A state in float32 is not rounded, so that a conversion from or to it has no other rounding.
        if (!isOtherPrecision && rounding != mine.Rounding && !options.AcceptOtherRounding)
        {
            _differences.Add(differs, $"StateRounding = {rounding}", nameof(LoadOptions.AcceptOtherRounding));
        }
    }

    private static string Describe(Codec codec, int blockSize, StateRounding rounding) =>
        $"{codec} with blocks of {blockSize}{(rounding == StateRounding.Stochastic ? " and stochastic rounding" : "")}";

    /// <summary>The option that makes all states of the saved kind.</summary>
    private static string CureOf(Codec saved) => saved switch
    {
        Codec.Dynamic or Codec.DynamicUnsigned => $"Codecs = {StateCodecs.Dynamic}",
        Codec.MiniFloat or Codec.MiniFloatUnsigned => $"Codecs = {StateCodecs.MiniFloat}",
        _ => "the same codecs",
    };

    private static bool HasLength(IReadOnlyList<long> shape, long length)
    {
        if (shape.Any(dimension => dimension <= 0))
        {
            return length == 0 && shape.All(dimension => dimension >= 0);
        }

        // Divided rather than multiplied: no product can overflow.
        foreach (long dimension in shape)
        {
            if (length % dimension != 0)
            {
                return false;
            }

            length /= dimension;
        }

        return length == 1;
    }

    private static void RequireSameNames(string what, IEnumerable<string> saved, IEnumerable<string> mine, string fix)
    {
        string[] theirs = [.. saved];
        HashSet<string> unseen = new(mine, StringComparer.Ordinal);
        string[] extra = [.. theirs.Where(name => !unseen.Remove(name))];
        if (extra.Length > 0 || unseen.Count > 0)
        {
            throw new CheckpointException($"The {what} differ. Of the checkpoint alone: {List(extra)}. Of this "
                + $"optimizer alone: {List([.. unseen])}; {fix}.");
        }
    }

    /// <summary>A few names; a hostile file may have many, and long ones.</summary>
    private static string List(string[] names)
    {
        const int Most = 5;
        const int Longest = 100;
        return names.Length == 0
            ? "none"
            : string.Join(
                ", ", names.Take(Most).Select(name => $"'{(name.Length > Longest ? name[..Longest] + "…" : name)}'"))
                + (names.Length > Most ? $" and {names.Length - Most} more" : "");
    }
}
