using Requant.Generator.Ir;
using Requant.Generator.Support;

namespace Requant.Generator.Analyze;

/// <summary>Which values are the same for every element, and after how many reductions each is known.</summary>
internal sealed class UniformAnalysis
{
    private readonly bool[] _isUniform;
    private readonly int[] _phase;
    private readonly int[] _number;

    public UniformAnalysis(KernelIr body)
    {
        _isUniform = new bool[body.Ops.Count];
        _phase = new int[body.Ops.Count];
        _number = new int[body.Ops.Count];
        var numbers = new Dictionary<IrOp, int>();
        for (int i = 0; i < body.Ops.Count; i++)
        {
            IrOp op = body.Ops[i];
            bool isReduction = op.Code == OpCode.Reduce;
            _isUniform[i] = isReduction || (!op.IsElement && op.Operands.All(operand => _isUniform[operand]));
            _phase[i] = op.Operands.Select(operand => _phase[operand]).DefaultIfEmpty(0).Max() + (isReduction ? 1 : 0);
            IrOp meaning = op with { Operands = op.Operands.Select(operand => _number[operand]).ToEquatableArray(), Name = "" };
            _number[i] = numbers.TryGetValue(meaning, out int number) ? number : numbers[meaning] = i;
        }
    }

    public bool IsUniform(int value) => _isUniform[value];

    /// <summary>The same for equal expressions: the position of the first of them.</summary>
    public int NumberOf(int value) => _number[value];

    /// <summary>The first phase in which a value can be computed.</summary>
    public int PhaseOf(int value) => _phase[value];
}
