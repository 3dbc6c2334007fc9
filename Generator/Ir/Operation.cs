namespace Requant.Generator.Ir;

/// <summary>What an operation takes.</summary>
internal enum Operands
{
    None,

    /// <summary>Anything.</summary>
    Any,

    /// <summary>Floats; the result is one.</summary>
    Floats,

    /// <summary>Integers.</summary>
    Ints,

    /// <summary>Doubles.</summary>
    Doubles,

    /// <summary>Floats or integers, of the result's type.</summary>
    Numbers,

    /// <summary>A float; the result is a number.</summary>
    Signed,

    /// <summary>Numbers of one type; the result is a condition.</summary>
    Compared,

    /// <summary>Conditions; the result is one.</summary>
    Conditions,

    /// <summary>A condition, and two values of the result's type.</summary>
    Selected,
}

/// <summary>What the generator knows of an operation.</summary>
/// <param name="Code">The operation.</param>
/// <param name="Takes">What it takes.</param>
/// <param name="Count">How many of them.</param>
internal sealed record Operation(OpCode Code, Operands Takes, int Count)
{
    /// <summary>Instructions of a function that has no instruction of its own, about.</summary>
    public const int OfFunction = 40;

    /// <summary>Type of the result, where what it takes does not say.</summary>
    public IrType? Result { get; init; }

    /// <summary>C#'s operator, where there is one between operands.</summary>
    public string Symbol { get; init; } = "";

    /// <summary>Precedence of the operator; see <see cref="Infix"/>.</summary>
    public int Precedence { get; init; }

    /// <summary>The C# functions that mean it, as in <c>MathF.Abs</c>.</summary>
    public string[] Calls { get; init; } = [];

    /// <summary>The class that has the function on the host.</summary>
    public string Host { get; init; } = "";

    /// <summary>The class that has it for one element; for vectors too, where <see cref="Vector"/> is empty.</summary>
    public string Scalar { get; init; } = "";

    /// <summary>Name of the method of .NET's vector classes.</summary>
    public string Vector { get; init; } = "";

    /// <summary>The class that has it on devices.</summary>
    public string Device { get; init; } = "";

    /// <summary>Word in the name of a value that has no other.</summary>
    public string Word { get; init; } = "";

    /// <summary>Whether its bits are the same on the host and on devices.</summary>
    public bool IsExact { get; init; }

    /// <summary>Whether ILGPU fails on constants as operands.</summary>
    public bool IlgpuFailsOnConstants { get; init; }

    /// <summary>Instructions, about.</summary>
    public int Cost { get; init; } = 1;

    public bool IsFunction => Calls.Length > 0;

    /// <summary>Whether it is float arithmetic with an operator, which means the same for floats and
    /// for vectors.</summary>
    public bool IsArithmetic => Takes == Operands.Numbers && Symbol.Length > 0 && IsExact;

    /// <summary>Whether it can have operands and a result of these types.</summary>
    public bool Fits(IReadOnlyList<IrType> operands, IrType result) => Takes switch
    {
        Operands.Any => true,
        Operands.None => operands.Count == 0 && (Result ?? result) == result,
        Operands.Floats => AreAll(operands, IrType.Float) && result == (Result ?? IrType.Float),
        Operands.Ints => AreAll(operands, IrType.Int) && result == Result,
        Operands.Doubles => AreAll(operands, IrType.Double) && result == Result,
        Operands.Numbers => result != IrType.Bool && AreAll(operands, result),
        Operands.Signed => result != IrType.Bool && AreAll(operands, IrType.Float),
        Operands.Compared => result == IrType.Bool
            && operands.Count == Count
            && operands[0] != IrType.Bool
            && operands[0] == operands[1],
        Operands.Conditions => result == IrType.Bool && AreAll(operands, IrType.Bool),
        _ => operands.Count == Count && operands[0] == IrType.Bool && operands[1] == result && operands[2] == result,
    };

    private bool AreAll(IReadOnlyList<IrType> operands, IrType type) =>
        operands.Count == Count && operands.All(one => one == type);
}
