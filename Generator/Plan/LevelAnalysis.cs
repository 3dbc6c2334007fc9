using Requant.Generator.Ir;
using Requant.Generator.Support;

namespace Requant.Generator.Plan;

/// <summary>Where each value of a body differs, and after how many reductions it is known.</summary>
/// <remarks>A value is known after some passes over the elements and, within those, after some reductions of rows or
/// columns to one value, which need no pass. Phases number both in order: the last phase of a number of passes is the
/// one whose kernel goes over the elements.</remarks>
internal sealed class LevelAnalysis
{
    private readonly KernelIr _body;
    private readonly Level[] _level;
    private readonly (int Pass, int Line)[] _known;
    private readonly int[] _firstPhase;
    private readonly int[] _number;
    private readonly bool[] _needsStep;
    private readonly bool[] _needsTensor;

    public LevelAnalysis(KernelIr body)
    {
        _body = body;
        _level = new Level[body.Ops.Count];
        _known = new (int, int)[body.Ops.Count];
        _number = new int[body.Ops.Count];
        _needsStep = new bool[body.Ops.Count];
        _needsTensor = new bool[body.Ops.Count];
        var numbers = new Dictionary<IrOp, int>();
        for (int i = 0; i < body.Ops.Count; i++)
        {
            IrOp op = body.Ops[i];
            _level[i] = op.LevelWith(operand => _level[operand]);
            _known[i] = Known(op);
            _needsStep[i] = op.Code is OpCode.Step or OpCode.IsFirst || op.Operands.Any(operand => _needsStep[operand]);
            _needsTensor[i] = op.IsReduced
                || op.IsInput
                || op.Code == OpCode.OldTensorState
                || op.Operands.Any(operand => _needsTensor[operand]);
            IrOp meaning = op with
            {
                Operands = op.Operands.Select(operand => _number[operand]).ToEquatableArray(), Name = "",
                Index = op.IsReduced ? 0 : op.Index, Line = 0,
            };
            _number[i] = numbers.TryGetValue(meaning, out int number) ? number : numbers[meaning] = i;
        }

        _firstPhase = FirstPhases();
    }

    /// <summary>Passes over the elements and reductions of lines, the last one being the update.</summary>
    public int PhaseCount => _firstPhase[_firstPhase.Length - 1];

    public Level LevelOf(int value) => _level[value];

    public bool IsUniform(int value) => _level[value] == Level.Uniform;

    /// <summary>Whether hyperparameters, the shape and the step alone decide a value, so that it can select a
    /// kernel.</summary>
    public bool IsKnownBeforeStep(int value) => IsUniform(value) && !_needsTensor[value];

    /// <summary>Whether hyperparameters and the shape alone decide a value.</summary>
    public bool IsKnownFromHyperparameters(int value) => IsKnownBeforeStep(value) && !_needsStep[value];

    /// <summary>The same for equal expressions: the position of the first of them.</summary>
    public int NumberOf(int value) => _number[value];

    /// <summary>The first phase in which a value can be computed.</summary>
    public int PhaseOf(int value) => _firstPhase[_known[value].Pass] + _known[value].Line;

    /// <summary>The phase whose kernel takes the terms of a reduction, or what a matrix is made of.</summary>
    public int PhaseOfTerms(int value)
    {
        IrOp op = _body.Ops[value];
        return IsOfLines(op) ? PhaseOf(value) - 1 : _firstPhase[_known[op.Operands[0]].Pass + 1] - 1;
    }

    /// <summary>Whether a reduction is one of rows or columns to one value.</summary>
    public bool IsOfLines(IrOp op) => op.Code == OpCode.Reduce && op.OwnLevel == Level.Uniform
        && !ReductionKind.IsOfElements(op.Text) && _level[op.Operands[0]] is Level.Row or Level.Column;

    private (int Pass, int Line) Known(IrOp op)
    {
        (int Pass, int Line) known = op.Operands.Select(operand => _known[operand]).DefaultIfEmpty((0, 0)).Max();
        return op.Code == OpCode.Orthogonalize ? new[] { known, (_known[op.Operands[0]].Pass + 1, 0) }.Max()
            : !op.IsReduced ? known
            : IsOfLines(op) ? (known.Pass, known.Line + 1) : (known.Pass + 1, 0);
    }

    /// <summary>The first phase after each number of passes, and the number of all.</summary>
    private int[] FirstPhases()
    {
        int[] lines = [.. Enumerable.Range(0, _known.Max(known => known.Pass) + 1)
            .Select(pass => _known.Where(known => known.Pass == pass).Max(known => known.Line) + 1)];
        return [.. Enumerable.Range(0, lines.Length + 1).Select(pass => lines.Take(pass).Sum())];
    }
}
