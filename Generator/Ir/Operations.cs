namespace Requant.Generator.Ir;

/// <summary>What one operation does; <see cref="Operations"/> has a row for each.</summary>
internal enum OpCode
{
    // Inputs. Index: which state, tensor state, hyperparameter, uniform value or reduction.
    ConstFloat,
    ConstInt,
    ConstBool,
    ConstDouble,
    Parameter,
    Gradient,
    OldState,
    OldTensorState,
    OldRowState,
    OldColumnState,
    Step,

    // Of the parameter as a matrix.
    Rows,
    Columns,
    IsMatrix,

    // Whether no step has used a state yet. Index: which state; Text: its name.
    IsFirst,
    Hyperparameter,
    Uniform,

    // What was computed before for each row, column or element. Index: which.
    RowValue,
    ColumnValue,
    MatrixValue,

    // Arithmetic.
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Negate,

    // Comparison and logic.
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
    And,
    Or,
    Not,

    // Condition, value if true, value if false.
    Select,

    // Conversion.
    IntToFloat,
    FloatToInt,
    ToDouble,
    DoubleToFloat,
    DoubleToInt,

    // Functions, named as in C#.
    Abs,
    Sqrt,
    Min,
    Max,
    Sign,
    Clamp,
    CopySign,
    Floor,
    Ceiling,
    Round,
    Truncate,
    FusedMultiplyAdd,
    Pow,
    Exp,
    Log,
    Log2,
    Log10,
    Cbrt,
    Tanh,
    Sin,
    Cos,
    Tan,
    Asin,
    Atan2,

    // A MathF or Math function that runs on the host only. Text: its C# name.
    HostCall,

    // Over the tensor, its rows or columns. Index: number of the reduction; Text: see ReductionKind.
    Reduce,

    // A matrix of all elements, its Frobenius norm, and how many times. Index: number of the matrix.
    Orthogonalize,
}

/// <summary>All that the generator knows of the operations. A new function is a line in each of the two lists of this
/// file, the methods of its name in <c>ElementMath</c> and <c>DeviceMath</c>, and its tests.</summary>
internal static class Operations
{
    private const string MathF = "global::System.MathF";
    private const string Math = "global::System.Math";
    private const string HostMath = "global::Requant.CompilerServices.HostMath";

    private static readonly Operation[] All =
    [
        Input(OpCode.ConstFloat, IrType.Float),
        Input(OpCode.ConstInt, IrType.Int),
        Input(OpCode.ConstBool, IrType.Bool),
        Input(OpCode.ConstDouble, IrType.Double),
        Input(OpCode.Parameter, IrType.Float),
        Input(OpCode.Gradient, IrType.Float),
        Input(OpCode.OldState, IrType.Float),
        Input(OpCode.OldTensorState, IrType.Float),
        Input(OpCode.OldRowState, IrType.Float),
        Input(OpCode.OldColumnState, IrType.Float),
        Input(OpCode.Step, IrType.Int),
        Input(OpCode.Rows, IrType.Int),
        Input(OpCode.Columns, IrType.Int),
        Input(OpCode.IsMatrix, IrType.Bool),
        Input(OpCode.IsFirst, IrType.Bool),
        Input(OpCode.Hyperparameter, result: null),
        Input(OpCode.Uniform, IrType.Float),
        Input(OpCode.RowValue, IrType.Float),
        Input(OpCode.ColumnValue, IrType.Float),
        Input(OpCode.MatrixValue, IrType.Float),

        Infix(OpCode.Add, "+", 70, Operands.Numbers) with { Word = "plus" },
        Infix(OpCode.Subtract, "-", 70, Operands.Numbers) with { Word = "minus" },
        Infix(OpCode.Multiply, "*", 80, Operands.Numbers) with { Word = "times" },
        Infix(OpCode.Divide, "/", 80, Operands.Numbers) with { Word = "over" },
        Infix(OpCode.Remainder, "%", 80, Operands.Numbers) with { IsExact = false },
        new(OpCode.Negate, Operands.Numbers, 1) { IsExact = true },

        Infix(OpCode.Less, "<", 60, Operands.Compared) with { Vector = "LessThan" },
        Infix(OpCode.LessOrEqual, "<=", 60, Operands.Compared) with { Vector = "LessThanOrEqual" },
        Infix(OpCode.Greater, ">", 60, Operands.Compared) with { Vector = "GreaterThan" },
        Infix(OpCode.GreaterOrEqual, ">=", 60, Operands.Compared) with { Vector = "GreaterThanOrEqual" },
        Infix(OpCode.Equal, "==", 50, Operands.Compared) with { Vector = "Equals" },
        Infix(OpCode.NotEqual, "!=", 50, Operands.Compared),
        Infix(OpCode.And, "&&", 40, Operands.Conditions),
        Infix(OpCode.Or, "||", 30, Operands.Conditions),
        new(OpCode.Not, Operands.Conditions, 1) { IsExact = true },
        new(OpCode.Select, Operands.Selected, 3) { Vector = "ConditionalSelect", IsExact = true },

        new(OpCode.IntToFloat, Operands.Ints, 1) { Result = IrType.Float },
        new(OpCode.FloatToInt, Operands.Floats, 1) { Result = IrType.Int },
        new(OpCode.ToDouble, Operands.Any, 1) { Result = IrType.Double },
        new(OpCode.DoubleToFloat, Operands.Doubles, 1) { Result = IrType.Float },
        new(OpCode.DoubleToInt, Operands.Doubles, 1) { Result = IrType.Int },

        // What .NET computes exactly, or rounds once, for floats and for vectors.
        Exact(OpCode.Abs, Operands.Numbers, 1) with
        {
            Calls = ["MathF.Abs", "Math.Abs"],
            Host = HostMath,
            Device = "MathF",
        },
        Exact(OpCode.Sqrt, Operands.Floats, 1) with { Device = "MathF" },
        Exact(OpCode.Min, Operands.Numbers, 2) with
        {
            Calls = ["MathF.Min", "Math.Min"],
            Host = Math,
            IlgpuFailsOnConstants = true,
        },
        Exact(OpCode.Max, Operands.Numbers, 2) with
        {
            Calls = ["MathF.Max", "Math.Max"],
            Host = Math,
            IlgpuFailsOnConstants = true,
        },

        // What .NET computes in different ways for floats and for vectors, or lets throw.
        Ours(OpCode.Sign, Operands.Signed, 1) with
        {
            Calls = ["MathF.Sign", "Math.Sign"],
            Host = HostMath,
            IsExact = true,
        },
        Ours(OpCode.Clamp, Operands.Numbers, 3) with
        {
            Calls = ["Math.Clamp"], Host = HostMath, IsExact = true, IlgpuFailsOnConstants = true,
        },

        // Rounding to digits throws for some, and a step must not fail halfway.
        Exact(OpCode.CopySign, Operands.Floats, 2) with { IlgpuFailsOnConstants = true },
        Exact(OpCode.Floor, Operands.Floats, 1),
        Exact(OpCode.Ceiling, Operands.Floats, 1),
        Exact(OpCode.Round, Operands.Floats, 1),
        Exact(OpCode.Truncate, Operands.Floats, 1),
        Exact(OpCode.FusedMultiplyAdd, Operands.Floats, 3) with
        {
            Cost = Operation.OfFunction,
            IsExact = false,
            IlgpuFailsOnConstants = true,
        },

        // What C#'s library and these compute within some ulps.
        Approximate(OpCode.Pow, 2),
        Approximate(OpCode.Exp, 1),
        Approximate(OpCode.Log, 1),
        Approximate(OpCode.Log2, 1),
        Approximate(OpCode.Log10, 1),
        Approximate(OpCode.Cbrt, 1),
        Approximate(OpCode.Tanh, 1),
        Approximate(OpCode.Sin, 1),
        Approximate(OpCode.Cos, 1),
        Approximate(OpCode.Tan, 1),
        Approximate(OpCode.Asin, 1),
        Approximate(OpCode.Atan2, 2),

        new(OpCode.HostCall, Operands.Any, 0),
        new(OpCode.Reduce, Operands.Floats, 1) { Result = IrType.Float },
        new(OpCode.Orthogonalize, Operands.Any, 3) { Result = IrType.Float },
    ];

    private static readonly Dictionary<OpCode, Operation> OfCode = All.ToDictionary(operation => operation.Code);

    private static readonly Dictionary<(string Name, int Operands), OpCode> OfCall = All
        .SelectMany(operation => operation.Calls.Select(name => (Key: (name, operation.Count), operation.Code)))
        .ToDictionary(pair => pair.Key, pair => pair.Code);

    /// <summary>The functions that a rule may call for every element, as messages list them.</summary>
    public static string FunctionList { get; } =
        "MathF." + string.Join(", ", All.Where(operation => operation.Calls.Any(IsOfMathF)).Select(one => one.Code))
        + " or Math.Clamp";

    /// <summary>The row of an operation.</summary>
    public static Operation Of(OpCode code) => OfCode[code];

    /// <summary>Whether a rule may call it. The logarithm to any base is there for uniform values only.</summary>
    public static bool IsKnownCall(string name, int arguments) =>
        OfCall.ContainsKey((name, arguments)) || (name == "MathF.Log" && arguments == 2);

    /// <summary>Whether a rule may call it of doubles: what cannot fail.</summary>
    public static bool IsKnownOfDoubles(string name, int arguments) =>
        name.StartsWith("Math.", StringComparison.Ordinal) && name is not ("Math.Sign" or "Math.Clamp")
        && (IsKnownCall(name, arguments) || IsKnownCall("MathF." + name.Substring(5), arguments));

    /// <summary>The operation of a call that runs for every element, or null.</summary>
    public static OpCode? OfFunction(string name, int arguments) =>
        OfCall.TryGetValue((name, arguments), out OpCode code) ? code : null;

    private static bool IsOfMathF(string name) => name.StartsWith("MathF.", StringComparison.Ordinal);

    private static Operation Input(OpCode code, IrType? result) =>
        new(code, Operands.None, 0) { Result = result, Cost = 0 };

    private static Operation Infix(OpCode code, string symbol, int precedence, Operands operands) =>
        new(code, operands, 2) { Symbol = symbol, Precedence = precedence, IsExact = true };

    private static Operation Exact(OpCode code, Operands operands, int count) => new(code, operands, count)
    {
        Calls = ["MathF." + code], Host = MathF, Scalar = "MathF", Vector = code.ToString(), Device = "DeviceMath",
        IsExact = true,
    };

    private static Operation Ours(OpCode code, Operands operands, int count) => new(code, operands, count)
    {
        Calls = ["MathF." + code], Host = MathF, Scalar = "ElementMath", Device = "DeviceMath",
    };

    private static Operation Approximate(OpCode code, int count) =>
        Ours(code, Operands.Floats, count) with { Cost = Operation.OfFunction, IlgpuFailsOnConstants = true };
}
