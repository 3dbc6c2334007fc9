using Microsoft.CodeAnalysis;
using Requant.Generator.Diagnostics;
using Requant.Generator.Ir;
using Requant.Generator.Read;
using Requant.Generator.Support;

namespace Requant.Generator.Lower;

/// <summary>Reports states that cannot hold what the rule assigns to them, and warns of states and hyperparameters that
/// have no effect.</summary>
internal sealed class StateCheck(IrBuilder builder, RuleSignature signature, List<DiagnosticInfo> diagnostics)
{
    public void Check(KernelIr ir)
    {
        for (int i = 0; i < signature.TensorStates.Count; i++)
        {
            if (!builder.IsUniform(ir.NewTensorStates[i]))
            {
                Report(
                    Catalog.TensorStatePerElement, builder.LocationOf(ir.NewTensorStates[i]),
                    signature.TensorStates[i].Model.Name);
            }
        }

        for (int i = 0; i < signature.LineStates.Count; i++)
        {
            CheckLevel(signature.LineStates[i].Model, ir.NewLineStates[i]);
        }

        for (int i = 0; i < signature.States.Count; i++)
        {
            StateModel state = signature.States[i].Model;
            if (state.IsUnsigned)
            {
                CheckSign(state, ir.NewStates[i], []);
            }
        }

        if (diagnostics.Any(found => found.IsError))
        {
            return;
        }

        WarnOfUnreadStates(ir);
        WarnOfUnusedHyperparameters(ir);
    }

    private void CheckLevel(LineStateModel state, int value)
    {
        Level level = builder.LevelOf(value);
        if ((level & ~state.Level) != 0)
        {
            bool isElement = level == Level.Element;
            Report(
                Catalog.LineStatePerElement, builder.LocationOf(value), state.Level.ToString(), state.Name,
                state.Level.ToString().ToLowerInvariant(), isElement ? "element" : level.ToString().ToLowerInvariant(),
                isElement ? "[State]" : $"[{level}State]");
        }
    }

    /// <summary>Follows choices to the values that a state may get.</summary>
    private void CheckSign(StateModel state, int value, HashSet<int> seen)
    {
        IrOp op = builder[value];
        if (!seen.Add(value))
        {
            return;
        }

        if (op.Code == OpCode.Select)
        {
            CheckSign(state, op.Operands[1], seen);
            CheckSign(state, op.Operands[2], seen);
        }
        else if (op.Code == OpCode.ConstFloat && op.Value < 0)
        {
            Report(
                Catalog.NegativeUnsigned, builder.LocationOf(value), state.Name, state.Codec,
                Literals.Float((float)op.Value));
        }
    }

    /// <summary>A state matters if the parameter depends on its old value, also by way of other states.</summary>
    private void WarnOfUnreadStates(KernelIr ir)
    {
        var live = new HashSet<int>();
        var pending = new Stack<int>([ir.NewParameter, .. ir.NewTensorStates]);
        var read = new HashSet<int>();
        var readLines = new HashSet<int>();
        while (pending.Count > 0)
        {
            foreach (int value in Liveness.From(ir.Ops, [pending.Pop()]).Where(live.Add))
            {
                if (ir.Ops[value] is { Code: OpCode.OldState, Index: var state } && read.Add(state))
                {
                    pending.Push(ir.NewStates[state]);
                }
                else if (ir.Ops[value] is { Code: OpCode.OldRowState or OpCode.OldColumnState, Index: var line }
                    && readLines.Add(line))
                {
                    pending.Push(ir.NewLineStates[line]);
                }
            }
        }

        for (int i = 0; i < signature.States.Count; i++)
        {
            if (!read.Contains(i))
            {
                Report(Catalog.StateNeverRead, signature.States[i].Symbol.Locations[0], signature.States[i].Model.Name);
            }
        }

        for (int i = 0; i < signature.LineStates.Count; i++)
        {
            if (!readLines.Contains(i))
            {
                (IParameterSymbol symbol, LineStateModel state) = signature.LineStates[i];
                Report(Catalog.StateNeverRead, symbol.Locations[0], state.Name);
            }
        }
    }

    private void WarnOfUnusedHyperparameters(KernelIr ir)
    {
        HashSet<int> live = Liveness.From(ir.Ops, ir.Results);
        for (int i = 0; i < signature.Hyperparameters.Count; i++)
        {
            if (!live.Any(value => ir.Ops[value] is { Code: OpCode.Hyperparameter } op && op.Index == i))
            {
                Report(Catalog.UnusedHyperparameter, signature.Hyperparameters[i].Symbol.Locations[0],
                    signature.Hyperparameters[i].Model.Name, signature.Method.Name);
            }
        }
    }

    private void Report(DiagnosticDescriptor descriptor, Location location, params string[] arguments) =>
        diagnostics.Add(DiagnosticInfo.Create(descriptor, location, arguments));
}
