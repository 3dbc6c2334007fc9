using Requant.Generator.Plan;
using Requant.Generator.Ir;
using Requant.Generator.Support;

namespace Requant.Generator.Emit.Shared;

/// <summary>Writes a kernel's operations as C# statements: a value that the author named becomes a local variable of
/// that name, any other stands where it is used. What an operation looks like is the backend's business.</summary>
internal sealed class KernelText
{
    private readonly KernelPlan _plan;
    private readonly Kernel _kernel;
    private readonly IOpSyntax _syntax;
    private readonly string?[] _locals;
    private readonly NameScope _names;

    public KernelText(KernelPlan plan, KernelNames names, Kernel kernel, IOpSyntax syntax)
    {
        _plan = plan;
        _kernel = kernel;
        _syntax = syntax;
        _names = names.Locals();
        _locals = new string?[kernel.Ops.Count];
        for (int i = 0; i < kernel.Ops.Count; i++)
        {
            IrOp op = kernel.Ops[i];
            _locals[i] = op.Code switch
            {
                OpCode.Parameter => names.Parameter,
                OpCode.Gradient => names.Gradient,
                OpCode.OldState => names.States[op.Index],
                OpCode.Uniform => names.Uniforms[op.Index],
                OpCode.RowValue => names.Rows[op.Index],
                OpCode.ColumnValue => names.Columns[op.Index],
                OpCode.MatrixValue => names.Matrices[op.Index],
                OpCode.Reduce => "reduction" + Literals.Int(op.Index),
                _ => null,
            };
        }

        Statements = [.. Enumerable.Range(0, kernel.Ops.Count).Where(IsLocal).Select(value => Declare(plan, value))];
    }

    /// <summary>One declaration a line, in order.</summary>
    public IReadOnlyList<string> Statements { get; }

    /// <summary>A value as an expression.</summary>
    public string Of(int value) => Print(value, 0);

    /// <summary>The same, marked with where it comes from.</summary>
    public string Marked(int value) => Of(value) + MarkOf(value);

    /// <summary>A value as what stands before a dot.</summary>
    public string ReceiverOf(int value) => Print(value, Infix.Primary) + MarkOf(value);

    /// <summary>Whether the text of a value reads the element or a state, rather than local variables alone.</summary>
    public bool ReadsInputs(int value)
    {
        IrOp op = _kernel.Ops[value];
        return op.Code is OpCode.Parameter or OpCode.OldState
            || (_locals[value] is null && op.Operands.Any(ReadsInputs));
    }

    private bool IsLocal(int value) =>
        _locals[value] is null && _kernel.Ops[value].Name.Length > 0 && !_kernel.Ops[value].IsConstant;

    private string Declare(KernelPlan plan, int value)
    {
        IrOp op = _kernel.Ops[value];
        string expression = Print(value, 0);
        bool isInput = op.Name == plan.Rule.ParameterName
            || op.Name == plan.Rule.GradientName
            || plan.Rule.States.Any(state => state.Name == op.Name)
            || plan.Rule.LineStates.Any(state => state.Name == op.Name);
        string name = _names.Take(isInput ? "new" + Names.Pascal(op.Name) : op.Name);
        string mark = MarkOf(value);
        _locals[value] = name;
        return $"{_syntax.TypeOf(op.Type)} {name} = {expression};{mark}";
    }

    /// <summary>Of an operation, and of those that stand within its text.</summary>
    private string MarkOf(int value)
    {
        var lines = new List<int>();
        void Add(int one, bool isWhole)
        {
            lines.AddRange(LineMarks.OfKernelOp(_plan, _kernel.Ops[one]));
            foreach (int operand in isWhole ? _kernel.Ops[one].Operands.Where(operand => _locals[operand] is null) : [])
            {
                Add(operand, true);
            }
        }

        Add(value, _locals[value] is null);
        return LineMarks.Of(lines);
    }

    private string Print(int value, int precedence)
    {
        if (_locals[value] is { } local)
        {
            return local;
        }

        IrOp op = _kernel.Ops[value];
        (string text, int own) = _syntax.Print(op, (index, wanted) => Print(op.Operands[index], wanted));
        return own < precedence ? $"({text})" : text;
    }
}

/// <summary>How one backend writes types and operations.</summary>
internal interface IOpSyntax
{
    /// <summary>The C# type of a local variable.</summary>
    string TypeOf(IrType type);

    /// <summary>An operation that is neither an input nor a uniform value.</summary>
    /// <param name="op">The operation.</param>
    /// <param name="operand">Text of an operand, by its number and the least precedence it needs.</param>
    (string Text, int Precedence) Print(IrOp op, Func<int, int, string> operand);
}
