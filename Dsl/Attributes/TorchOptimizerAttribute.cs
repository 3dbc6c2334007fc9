namespace Requant;

/// <summary>Shapes the TorchSharp optimizer of a rule, beside <see cref="OptimizerRuleAttribute"/>. A project
/// that references Requant.Torch gets the class without it: the rule's name and <c>8bit</c>, with an argument in
/// snake_case for each hyperparameter.</summary>
/// <remarks>
/// <code>
/// [OptimizerRule]
/// [TorchOptimizer("learningRate = lr !", "momentum = beta : 0", "dampening", "weight_decay", "nesterov",
///     Name = "Sgd8bit")]
/// public static void Momentum(ref float p, float g, [State] ref float m, float lr = 1e-3f, float beta = 0.9f, ...)
/// </code>
/// </remarks>
/// <param name="arguments">The constructor's arguments in their order, one for each hyperparameter: its name, then
/// <c>= hyperparameter</c> where that is not the same in camelCase, then <c>: default</c> where that is not the rule's,
/// or <c>!</c> where it has none. All in snake_case and in the rule's order when empty.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class TorchOptimizerAttribute(params string[] arguments) : Attribute
{
    /// <summary>The constructor's arguments.</summary>
    public IReadOnlyList<string> Arguments { get; } = arguments;

    /// <summary>Name of the class; the rule's name and <c>8bit</c> when not set.</summary>
    public string? Name { get; set; }

    /// <summary>The optimizer of TorchSharp whose place it can take, as in <c>torch.optim.Adam</c>.</summary>
    public string? Replaces { get; set; }

    /// <summary>Names of the arguments in the order that parameter groups have them, where it is another.</summary>
    public string[]? GroupOrder { get; set; }

    /// <summary>What the class's documentation says beside that.</summary>
    public string? Remarks { get; set; }
}

/// <summary>Makes the TorchSharp optimizers of all rules of a referenced assembly.</summary>
/// <param name="typeOfAssembly">Any type of it.</param>
/// <param name="targetNamespace">The namespace that the classes go to.</param>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class TorchOptimizersOfAttribute(Type typeOfAssembly, string targetNamespace) : Attribute
{
    /// <summary>Any type of the assembly.</summary>
    public Type TypeOfAssembly { get; } = typeOfAssembly;

    /// <summary>The namespace that the classes go to.</summary>
    public string TargetNamespace { get; } = targetNamespace;
}
