using Microsoft.CodeAnalysis;
using Requant.Generator.Ir;
using Requant.Generator.Read;
using Requant.Generator.Support;

namespace Requant.Generator.Lower;

/// <summary>Collects operations, and beside them where each came from: locations serve diagnostics only and stay out of
/// the IR, which has lines of the rule's own text, so that moving a rule in its file changes nothing.</summary>
/// <param name="lines">Those of the rule's text.</param>
internal sealed class IrBuilder(RuleLines lines)
{
    private readonly List<IrOp> _ops = [];
    private readonly List<Location> _locations = [];
    private readonly List<Level> _levels = [];

    public IReadOnlyList<IrOp> Ops => _ops;

    public IrOp this[int value] => _ops[value];

    /// <summary>The rule's call of a helper whose body is being read: all of it comes from there.</summary>
    public Location? Call { get; set; }

    public Location LocationOf(int value) => _locations[value];

    /// <summary>Whether a value is the same for every element of a tensor.</summary>
    public bool IsUniform(int value) => _levels[value] == Level.Uniform;

    /// <summary>Where a value differs.</summary>
    public Level LevelOf(int value) => _levels[value];

    public int Add(IrOp op, Location location)
    {
        _ops.Add(op with { Line = lines.Of(Call ?? location) });
        _locations.Add(location);
        _levels.Add(op.LevelWith(LevelOf));
        return _ops.Count - 1;
    }

    public int Add(OpCode code, IrType type, Location location, params int[] operands) =>
        Add(new IrOp(code, type, operands.ToEquatableArray()), location);

    /// <summary>Gives a result the name of the variable it was assigned to, unless it has one or needs none.</summary>
    public void Name(int value, string name)
    {
        IrOp op = _ops[value];
        bool isInput = op.IsConstant
            || op.IsInput
            || op.Code is OpCode.OldTensorState or OpCode.Hyperparameter or OpCode.Step;
        if (op.Name.Length == 0 && !isInput)
        {
            _ops[value] = op with { Name = name };
        }
    }

    /// <summary>The value where <paramref name="condition"/> holds, another where not.</summary>
    public int Select(int condition, int whenTrue, int whenFalse, Location location)
    {
        if (whenTrue == whenFalse)
        {
            return whenTrue;
        }

        if (_ops[condition].Code == OpCode.ConstBool)
        {
            return _ops[condition].Value != 0 ? whenTrue : whenFalse;
        }

        return SelectBool(condition, whenTrue, whenFalse, location)
            ?? Add(OpCode.Select, _ops[whenTrue].Type, location, condition, whenTrue, whenFalse);
    }

    /// <summary>A choice of a constant condition is one of <c>&amp;&amp;</c>, <c>||</c> and <c>!</c>, which later
    /// stages know more about.</summary>
    private int? SelectBool(int condition, int whenTrue, int whenFalse, Location location)
    {
        int Bool(OpCode code, params int[] operands) => Add(code, IrType.Bool, location, operands);
        int Not() => Bool(OpCode.Not, condition);
        return (Constant(whenTrue), Constant(whenFalse)) switch
        {
            (true, true) or (false, false) => whenTrue,
            (true, false) => condition,
            (false, true) => Not(),
            (true, _) => Bool(OpCode.Or, condition, whenFalse),
            (_, false) => Bool(OpCode.And, condition, whenTrue),
            (false, _) => Bool(OpCode.And, Not(), whenFalse),
            (_, true) => Bool(OpCode.Or, Not(), whenTrue),
            _ => null,
        };
    }

    private bool? Constant(int value) => _ops[value].Code == OpCode.ConstBool ? _ops[value].Value != 0 : null;
}
