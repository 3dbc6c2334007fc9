using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Requant.Torch;

/// <summary>One way to say which parameters keep float32 states.</summary>
internal abstract record Float32Choice
{
    public abstract bool Selects(string name, Parameter parameter);

    /// <summary>Why to have selected no parameter is a mistake, or null where it is none.</summary>
    public abstract string? WhenUnused(bool areNamed);
}

internal sealed record Float32Name(string Name) : Float32Choice
{
    public override bool Selects(string name, Parameter parameter) => name == Name;

    public override string? WhenUnused(bool areNamed) => $"No parameter is named '{Name}'; pass named_parameters() and "
        + $"take the names in {nameof(TorchOptions.KeepFloat32)} from it.";
}

internal sealed record Float32Module(nn.Module Module) : Float32Choice
{
    /// <summary>Wrappers differ for one tensor, so what counts is the memory.</summary>
    public override bool Selects(string name, Parameter parameter) => parameter.NumberOfElements > 0
        && Module.parameters().Any(own => TensorPointer.Of(own) == TensorPointer.Of(parameter));

    public override string? WhenUnused(bool areNamed) => $"No parameter is one of module {Module.GetName()}'s; pass to "
        + $"{nameof(TorchOptions.KeepFloat32)} a module of the model whose parameters the optimizer has, "
        + "after any to(...).";
}

internal sealed record Float32Predicate(Func<(string name, Parameter parameter), bool> Predicate) : Float32Choice
{
    public override bool Selects(string name, Parameter parameter) => Predicate((name, parameter));

    // With names a predicate may well have nothing to select in this model. Without, it most likely asks for names.
    public override string? WhenUnused(bool areNamed) => areNamed ? null : "A predicate of "
        + $"{nameof(TorchOptions.KeepFloat32)} selects no parameter, and the parameters have no names; pass "
        + "named_parameters().";
}

/// <summary>The choices of one optimizer, and which of them have selected a parameter.</summary>
internal sealed class Float32Selection(IReadOnlyList<Float32Choice> choices)
{
    private readonly bool[] _used = new bool[choices.Count];

    /// <summary>Asks every choice once.</summary>
    public bool Selects(string name, Parameter parameter)
    {
        bool selects = StableEmbedding.Owns(parameter);
        for (int i = 0; i < choices.Count; i++)
        {
            bool chosen = choices[i].Selects(name, parameter);
            _used[i] |= chosen;
            selects |= chosen;
        }

        return selects;
    }

    /// <summary>What is wrong with the choices that have selected nothing, or null.</summary>
    public string? Complaint(bool areNamed)
    {
        string[] complaints = [.. choices.Where((_, i) => !_used[i]).Select(choice => choice.WhenUnused(areNamed))
            .OfType<string>()];
        return complaints.Length == 0 ? null : string.Join(" ", complaints);
    }
}
