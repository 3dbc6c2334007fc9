using TorchSharp.Modules;

namespace Requant.Torch;

/// <summary>Where a group's parameters came from: <c>model.parameters()</c> and its like are views of the model, which show
/// later that a parameter was replaced. TorchSharp's optimizers enumerate them at every step, too.</summary>
internal sealed class ParameterSource
{
    private readonly IEnumerable<(string? Name, Parameter Parameter)> _view;

    private ParameterSource(IEnumerable<(string? Name, Parameter Parameter)> view) => _view = view;

    /// <summary>The source, or null where it tells nothing: a collection of its own, or an iterator that makes its
    /// parameters anew each time.</summary>
    public static ParameterSource? Of<T>(
        IEnumerable<T> given, IReadOnlyList<Parameter> parameters, Func<T, (string?, Parameter)> convert)
    {
        if (given is ICollection<T>)
        {
            return null;
        }

        IEnumerable<(string? Name, Parameter Parameter)> view = given.Select(convert);
        return view.Select(one => one.Parameter).SequenceEqual(parameters, ReferenceEqualityComparer.Instance)
            ? new ParameterSource(view) : null;
    }

    /// <summary>Throws if the model has a parameter that no group has, or no longer has one of this group's. One that is
    /// frozen may be missing: <c>parameters().Where(p => p.requires_grad)</c> leaves it out.</summary>
    public void RequireSame(IReadOnlyList<TorchParameterState> states, IReadOnlySet<Parameter> known)
    {
        int count = 0;
        bool isSame = true;
        foreach ((_, Parameter parameter) in _view)
        {
            isSame &= count < states.Count && ReferenceEquals(parameter, states[count].Parameter);
            count++;
        }

        if (!isSame || count != states.Count)
        {
            RequireExplained(states, known);
        }
    }

    private void RequireExplained(IReadOnlyList<TorchParameterState> states, IReadOnlySet<Parameter> known)
    {
        HashSet<Parameter> present = new(ReferenceEqualityComparer.Instance);
        foreach ((string? name, Parameter parameter) in _view)
        {
            present.Add(parameter);
            if (!known.Contains(parameter) && !known.Any(one => IsSameTensor(one, parameter)))
            {
                throw new InvalidOperationException($"The model has a parameter {(name is null ? "" : $"'{name}' ")}of shape "
                    + $"[{string.Join(", ", parameter.shape)}] that this optimizer does not train: it was assigned or made "
                    + "trainable after the optimizer was made. Make a new optimizer, or add it with add_param_group.");
            }
        }

        foreach (TorchParameterState state in states)
        {
            if (state.Parameter.requires_grad && !present.Contains(state.Parameter))
            {
                throw new InvalidOperationException($"Parameter '{state.State.Name}' is no longer one of its model's: another "
                    + "was assigned in its place, or its module was removed. Make the optimizer after that.");
            }
        }
    }

    /// <summary>Wrappers may differ, as an embedding's <c>weight</c> and what its <c>parameters()</c> give.</summary>
    private static bool IsSameTensor(Parameter one, Parameter other) => !one.IsInvalid && !other.IsInvalid
        && TensorPointer.Of(one) == TensorPointer.Of(other);
}
