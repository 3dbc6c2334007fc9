using TorchSharp.Modules;

namespace Requant.Torch;

/// <summary>Where a group's parameters came from: <c>model.parameters()</c> and its like are views of the model, which
/// show later that a parameter was replaced. TorchSharp's optimizers enumerate them at every step, too.</summary>
internal abstract class ParameterSource
{
    /// <summary>The source, or null where it tells nothing: a collection of its own, or an iterator that makes its
    /// parameters anew each time.</summary>
    public static ParameterSource? Of(IEnumerable<Parameter> given, IReadOnlyList<Parameter> parameters) =>
        View<Parameter>.Of(given, parameters, parameter => (null, parameter));

    /// <inheritdoc cref="Of(IEnumerable{Parameter}, IReadOnlyList{Parameter})"/>
    public static ParameterSource? Of(
        IEnumerable<(string name, Parameter parameter)> given, IReadOnlyList<Parameter> parameters) =>
        View<(string name, Parameter parameter)>.Of(given, parameters, one => one);

    /// <summary>Throws if the model has a parameter that no group has, or no longer has one of this group's. One that
    /// is frozen may be missing: <c>parameters().Where(p => p.requires_grad)</c> leaves it out.</summary>
    public abstract void RequireSame(IReadOnlyList<TorchParameterState> states, IReadOnlySet<Parameter> known);

    private sealed class View<T>(IEnumerable<T> given, Func<T, (string? Name, Parameter Parameter)> convert)
        : ParameterSource
    {
        public static View<T>? Of(
            IEnumerable<T> given, IReadOnlyList<Parameter> parameters,
            Func<T, (string?, Parameter Parameter)> convert) =>
            given is not ICollection<T> && given.Select(one => convert(one).Parameter)
                .SequenceEqual(parameters, ReferenceEqualityComparer.Instance) ? new View<T>(given, convert) : null;

        public override void RequireSame(IReadOnlyList<TorchParameterState> states, IReadOnlySet<Parameter> known)
        {
            int count = 0;
            foreach (T one in given)
            {
                if (count == states.Count || !ReferenceEquals(convert(one).Parameter, states[count].Parameter))
                {
                    RequireExplained(states, known);
                    return;
                }

                count++;
            }

            if (count < states.Count)
            {
                RequireExplained(states, known);
            }
        }

        private void RequireExplained(IReadOnlyList<TorchParameterState> states, IReadOnlySet<Parameter> known)
        {
            HashSet<Parameter> present = new(ReferenceEqualityComparer.Instance);
            foreach ((string? name, Parameter parameter) in given.Select(convert))
            {
                present.Add(parameter);
                if (!known.Contains(parameter) && !known.Any(one => IsSameTensor(one, parameter)))
                {
                    throw new InvalidOperationException("The model has a parameter "
                        + $"{(name is null ? "" : $"'{name}' ")}of shape [{string.Join(", ", parameter.shape)}] that "
                        + "this optimizer does not train: it was assigned or made trainable after the optimizer was "
                        + "made. Make a new optimizer, or add it with add_param_group; to train those alone that a "
                        + "filter such as Where(p => p.requires_grad) gave at the start, pass its ToList().");
                }
            }

            foreach (TorchParameterState state in states)
            {
                if (state.Parameter.requires_grad && !present.Contains(state.Parameter))
                {
                    throw new InvalidOperationException($"Parameter '{state.State.Name}' is no longer one of its "
                        + "model's: another was assigned in its place, or its module was removed. "
                        + "Make the optimizer after that.");
                }
            }
        }
    }

    /// <summary>Wrappers may differ, as an embedding's <c>weight</c> and what its <c>parameters()</c> give.</summary>
    private static bool IsSameTensor(Parameter one, Parameter other) => !one.IsInvalid && !other.IsInvalid
        && TensorPointer.Of(one) == TensorPointer.Of(other);
}
