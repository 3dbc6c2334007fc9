using Requant.Generator.Support;

namespace Requant.Generator.Read;

/// <summary>What the TorchSharp optimizer of a rule looks like.</summary>
/// <param name="ClassName">Its name.</param>
/// <param name="Namespace">Its namespace, empty for the global one.</param>
/// <param name="Replaces">The optimizer of TorchSharp whose place it takes, or empty.</param>
/// <param name="Remarks">For its documentation.</param>
/// <param name="Arguments">Of its constructor, one for each hyperparameter.</param>
/// <param name="GroupOrder">The same in the order that groups have them, by number.</param>
internal sealed record TorchDeclaration(
    string ClassName, string Namespace, string Replaces, string Remarks, EquatableArray<TorchArgument> Arguments,
    EquatableArray<int> GroupOrder);

/// <summary>An argument.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Hyperparameter">Number of the hyperparameter.</param>
/// <param name="Default">C#'s text of its default value; empty where it has none.</param>
internal sealed record TorchArgument(string Name, int Hyperparameter, string Default);
