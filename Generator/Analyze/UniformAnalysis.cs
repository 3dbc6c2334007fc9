using Requant.Generator.Ir;

namespace Requant.Generator.Analyze;

/// <summary>Which values are the same for every element, and after how many reductions each is known.</summary>
internal sealed class UniformAnalysis
{
    private readonly bool[] _isUniform;
    private readonly int[] _phase;

    public UniformAnalysis(KernelIr body)
    {
        _isUniform = new bool[body.Ops.Count];
        _phase = new int[body.Ops.Count];
        for (int i = 0; i < body.Ops.Count; i++)
        {
            IrOp op = body.Ops[i];
            bool isReduction = op.Code == OpCode.Reduce;
            _isUniform[i] = isReduction || (!op.IsElement && op.Operands.All(operand => _isUniform[operand]));
            _phase[i] = op.Operands.Select(operand => _phase[operand]).DefaultIfEmpty(0).Max() + (isReduction ? 1 : 0);
        }
    }

    public bool IsUniform(int value) => _isUniform[value];

    /// <summary>The first phase in which a value can be computed.</summary>
    public int PhaseOf(int value) => _phase[value];
}
