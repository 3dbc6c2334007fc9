using Requant.Generator.Ir;
using Requant.Generator.Support;

namespace Requant.Generator.Plan;

/// <summary>Which values are the same for every element, and after how many reductions each is known.</summary>
internal sealed class UniformAnalysis
{
    private readonly bool[] _isUniform;
    private readonly int[] _phase;
    private readonly int[] _number;
    private readonly bool[] _needsStep;
    private readonly bool[] _needsTensor;

    public UniformAnalysis(KernelIr body)
    {
        _isUniform = new bool[body.Ops.Count];
        _phase = new int[body.Ops.Count];
        _number = new int[body.Ops.Count];
        _needsStep = new bool[body.Ops.Count];
        _needsTensor = new bool[body.Ops.Count];
        var numbers = new Dictionary<IrOp, int>();
        for (int i = 0; i < body.Ops.Count; i++)
        {
            IrOp op = body.Ops[i];
            bool isReduction = op.Code == OpCode.Reduce;
            _isUniform[i] = isReduction || (!op.IsElement && op.Operands.All(operand => _isUniform[operand]));
            _phase[i] = op.Operands.Select(operand => _phase[operand]).DefaultIfEmpty(0).Max() + (isReduction ? 1 : 0);
            _needsStep[i] = op.Code is OpCode.Step or OpCode.IsFirst || op.Operands.Any(operand => _needsStep[operand]);
            _needsTensor[i] = isReduction
                || op.Code == OpCode.OldTensorState
                || op.Operands.Any(operand => _needsTensor[operand]);
            IrOp meaning = op with
            {
                Operands = op.Operands.Select(operand => _number[operand]).ToEquatableArray(), Name = "",
                Index = isReduction ? 0 : op.Index,
            };
            _number[i] = numbers.TryGetValue(meaning, out int number) ? number : numbers[meaning] = i;
        }
    }

    public bool IsUniform(int value) => _isUniform[value];

    /// <summary>Whether hyperparameters and the step alone decide a value, so that it can select a kernel.</summary>
    public bool IsKnownBeforeStep(int value) => _isUniform[value] && !_needsTensor[value];

    /// <summary>Whether hyperparameters alone decide a value.</summary>
    public bool IsKnownFromHyperparameters(int value) => IsKnownBeforeStep(value) && !_needsStep[value];

    /// <summary>The same for equal expressions: the position of the first of them.</summary>
    public int NumberOf(int value) => _number[value];

    /// <summary>The first phase in which a value can be computed.</summary>
    public int PhaseOf(int value) => _phase[value];
}
