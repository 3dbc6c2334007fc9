using Requant.Generator.Support;

namespace Requant.Generator.Ir;

/// <summary>A rule's body as a list of operations in order of computation: every operand stands before its use, a branch
/// is a <see cref="OpCode.Select"/>, an inlined helper has left no trace.</summary>
/// <param name="Ops">The operations.</param>
/// <param name="NewParameter">Position of the parameter's new value.</param>
/// <param name="NewStates">Position of each state's new value.</param>
internal sealed record KernelIr(EquatableArray<IrOp> Ops, int NewParameter, EquatableArray<int> NewStates);
