using Requant.Codecs;
using Requant.Numerics;
using Requant.States;

namespace Requant.Steps;

/// <content>What a step refuses before it changes anything.</content>
internal sealed partial class StepCore<TRule>
{
    private static void RequireSides(string name, long[]? shape)
    {
        if (RuleInfo.Of<TRule>().ReadsShape && shape is { Length: > 0 }
            && (shape[0] > int.MaxValue || ParameterState.Product(shape.AsSpan(1)) > int.MaxValue))
        {
            throw new ArgumentOutOfRangeException(
                nameof(shape), string.Join(" x ", shape),
                $"Rule {RuleInfo.Of<TRule>().Name} reads the shape of '{name}', and counts rows and columns in 32 "
                + $"bits; neither may be above {int.MaxValue}.");
        }
    }

    private void Require(ParameterState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (state.Owner is not ParameterGroup<TRule> group
            || !ReferenceEquals(group.Core, this)
            || !_groups.Contains(group))
        {
            throw new ArgumentException(
                $"State '{state.Name}' belongs to another optimizer; pass what this one's Add returned.",
                nameof(state));
        }

        if (state.LastBatch == _batch)
        {
            throw new ArgumentException(
                $"State '{state.Name}' occurs twice in one batch; a tensor takes one update a step.", nameof(state));
        }

        state.LastBatch = _batch;
    }

    private void Require(in TensorUpdate update)
    {
        ParameterState state = update.State;
        Require(state);
        ElementTypes.Require(update.ParameterType, state.Name, nameof(TensorUpdate.ParameterType));
        ElementTypes.Require(update.GradientType, state.Name, nameof(TensorUpdate.GradientType));
        if (update.ParameterType == ElementType.Float16 && settings.Storage != ParameterStorage.Nearest)
        {
            throw new NotSupportedException(settings.Storage == ParameterStorage.Stochastic
                ? $"Parameter '{state.Name}' is float16, and Rounding = {ParameterRounding.Stochastic} rounds "
                + $"bfloat16; convert it to bfloat16 or float32, or leave Rounding at {ParameterRounding.Nearest}."
                : $"Parameter '{state.Name}' is float16, and MasterWeights = {MasterWeights.Remainder16} completes "
                + "bfloat16; convert it to bfloat16 or float32, or leave MasterWeights out.");
        }

        if (state.Shape is null && RuleInfo.Of<TRule>().ReadsShape)
        {
            throw new ArgumentException(
                $"Rule {RuleInfo.Of<TRule>().Name} reads the shape of its parameters, and '{state.Name}' was added "
                + $"with its length alone; add it as in Add(\"{state.Name}\", [rows, columns]), a vector as "
                + $"Add(\"{state.Name}\", [{state.Length}]).", nameof(update));
        }

        RequireAddress(state, update.Parameter, update.ParameterType, nameof(TensorUpdate.Parameter));
        RequireAddress(state, update.Gradient, update.GradientType, nameof(TensorUpdate.Gradient));
    }

    private static void RequireAddress(ParameterState state, nint address, ElementType type, string argument)
    {
        if (address == 0 && state.Length > 0)
        {
            throw new ArgumentException(
                $"The address of '{state.Name}' in {nameof(TensorUpdate)}.{argument} is 0; pass {state.Length} "
                + $"contiguous {type.Name()} elements.",
                argument);
        }
    }

    private void RequireCapturable()
    {
        if (!settings.Capturable)
        {
            throw new InvalidOperationException(
                "The stream is being captured, and a graph would repeat this one step: make the optimizer with "
                + "Capturable = true, and call PrepareReplay before each launch of the graph.");
        }
    }
}
