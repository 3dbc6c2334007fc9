using TorchSharp.Modules;

namespace Requant.Torch;

/// <content>Which parameters are whose.</content>
public sealed partial class Muon8bit
{
    /// <summary>Two groups of a model's parameters: those for Muon, and those that AdamW updates though they are
    /// matrices, as embeddings and the output layer.</summary>
    /// <remarks>
    /// <code>
    /// var optimizer = new Muon8bit(Muon8bit.Groups(
    ///     model.named_parameters(), name => name.Contains("embedding") || name.StartsWith("head")));
    /// </code>
    /// </remarks>
    /// <param name="parameters">With their names.</param>
    /// <param name="isAdamW">Tells by its name whether AdamW updates a parameter. Vectors need not be named.</param>
    /// <exception cref="ArgumentNullException">The parameters or the predicate are null.</exception>
    public static IEnumerable<ParamGroup> Groups(
        IEnumerable<(string name, Parameter parameter)> parameters, Func<string, bool> isAdamW)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(isAdamW);
        ILookup<bool, (string name, Parameter parameter)> groups = parameters.ToLookup(one => isAdamW(one.name));
        return new[] { new ParamGroup(groups[false]), new ParamGroup(groups[true], adamw: true) }
            .Where((_, index) => groups[index == 1].Any());
    }
}
