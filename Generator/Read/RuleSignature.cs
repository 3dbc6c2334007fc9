using Microsoft.CodeAnalysis;

namespace Requant.Generator.Read;

/// <summary>The parts of a rule's parameter list, still with symbols: lives only while one rule is read.</summary>
internal sealed class RuleSignature(IMethodSymbol method, IParameterSymbol element, IParameterSymbol gradient)
{
    public IMethodSymbol Method { get; } = method;

    public IParameterSymbol Element { get; } = element;

    public IParameterSymbol Gradient { get; } = gradient;

    public IParameterSymbol? Step { get; set; }

    public List<(IParameterSymbol Symbol, StateModel Model)> States { get; } = [];

    public List<(IParameterSymbol Symbol, TensorStateModel Model)> TensorStates { get; } = [];

    public List<(IParameterSymbol Symbol, LineStateModel Model)> LineStates { get; } = [];

    public List<(IParameterSymbol Symbol, HyperparameterModel Model)> Hyperparameters { get; } = [];
}
