using System.Globalization;
using Requant.Checkpoints.Safetensors;

namespace Requant.Checkpoints.Layouts;

/// <summary>Sorts the tensors of another library's file by parameter: what belongs to no parameter, or twice to one,
/// is an error.</summary>
internal sealed class LayoutTensors
{
    public const string Nested = "__bnb_optimizer_quant_state__";

    public const string Step = "step";

    private const string Root = "state.";

    private readonly Dictionary<string, Dictionary<string, SafetensorsTensor>> _byParameter =
        new(StringComparer.Ordinal);

    public LayoutTensors(SafetensorsHeader header, IReadOnlyList<CheckpointParameter> parameters)
    {
        Dictionary<string, string> names = new(StringComparer.Ordinal);
        for (int i = 0; i < parameters.Count; i++)
        {
            names[i.ToString(CultureInfo.InvariantCulture)] = parameters[i].State.Name;
        }

        // A parameter may be named like a number: names come first.
        foreach (CheckpointParameter parameter in parameters)
        {
            names[parameter.State.Name] = parameter.State.Name;
            _byParameter[parameter.State.Name] = new(StringComparer.Ordinal);
        }

        foreach (SafetensorsTensor tensor in header.Tensors.Values)
        {
            int dot = tensor.Name.LastIndexOf('.');
            string owner = dot < 0 ? "" : Unnest(tensor.Name[..dot]);
            if (!names.TryGetValue(owner, out string? parameter)
                && !(owner.StartsWith(Root, StringComparison.Ordinal)
                    && names.TryGetValue(owner[Root.Length..], out parameter)))
            {
                throw new CheckpointException($"Tensor {tensor} belongs to no parameter of this optimizer; its name "
                    + "should be a parameter's, or a parameter's number, a dot, and a state's.");
            }

            if (!_byParameter[parameter].TryAdd(tensor.Name[(dot + 1)..], tensor))
            {
                throw new CheckpointException(
                    $"The file has '{tensor.Name[(dot + 1)..]}' of parameter '{parameter}' twice, once as {tensor}.");
            }
        }
    }

    /// <summary>The tensors of one parameter by the last word of their names.</summary>
    public IReadOnlyDictionary<string, SafetensorsTensor> Of(string parameter) => _byParameter[parameter];

    private static string Unnest(string owner) =>
        owner.EndsWith("." + Nested, StringComparison.Ordinal) ? owner[..^(Nested.Length + 1)] : owner;
}
