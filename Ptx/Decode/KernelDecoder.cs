using Requant.Ptx.Execution;
using Requant.Ptx.Syntax;

namespace Requant.Ptx.Decode;

/// <summary>Turns the instructions of a kernel into operations, once.</summary>
internal static class KernelDecoder
{
    private static readonly Dictionary<string, Func<InstructionReader, Operation>> Decoders = new(
        StringComparer.Ordinal)
    {
        ["abs"] = ArithmeticDecoder.Arithmetic,
        ["add"] = ArithmeticDecoder.Arithmetic,
        ["and"] = ArithmeticDecoder.Bits,
        ["atom"] = MemoryDecoder.Atomic,
        ["bar"] = ControlDecoder.Barrier,
        ["barrier"] = ControlDecoder.Barrier,
        ["bfe"] = ArithmeticDecoder.Extract,
        ["bra"] = ControlDecoder.Branch,
        ["brev"] = ArithmeticDecoder.Bits,
        ["brx"] = ControlDecoder.IndexedBranch,
        ["clz"] = ArithmeticDecoder.Bits,
        ["copysign"] = ArithmeticDecoder.Arithmetic,
        ["cvt"] = SelectDecoder.Convert,
        ["cvta"] = SelectDecoder.ConvertAddress,
        ["div"] = ArithmeticDecoder.Arithmetic,
        ["exit"] = ControlDecoder.Return,
        ["fence"] = ControlDecoder.Fence,
        ["fma"] = ArithmeticDecoder.Arithmetic,
        ["ld"] = MemoryDecoder.Load,
        ["lop3"] = ArithmeticDecoder.LookUp,
        ["mad"] = ArithmeticDecoder.Arithmetic,
        ["max"] = ArithmeticDecoder.Arithmetic,
        ["membar"] = ControlDecoder.Fence,
        ["min"] = ArithmeticDecoder.Arithmetic,
        ["mov"] = SelectDecoder.Move,
        ["mul"] = ArithmeticDecoder.Arithmetic,
        ["neg"] = ArithmeticDecoder.Arithmetic,
        ["not"] = ArithmeticDecoder.Bits,
        ["or"] = ArithmeticDecoder.Bits,
        ["popc"] = ArithmeticDecoder.Bits,
        ["prefetch"] = MemoryDecoder.Prefetch,
        ["prmt"] = ArithmeticDecoder.Bits,
        ["rcp"] = ArithmeticDecoder.Arithmetic,
        ["red"] = MemoryDecoder.Atomic,
        ["redux"] = ControlDecoder.Reduce,
        ["rem"] = ArithmeticDecoder.Arithmetic,
        ["ret"] = ControlDecoder.Return,
        ["rsqrt"] = ArithmeticDecoder.Arithmetic,
        ["selp"] = SelectDecoder.Select,
        ["setp"] = SelectDecoder.Compare,
        ["shf"] = ArithmeticDecoder.Funnel,
        ["shfl"] = ControlDecoder.Shuffle,
        ["shl"] = ArithmeticDecoder.Shift,
        ["shr"] = ArithmeticDecoder.Shift,
        ["slct"] = SelectDecoder.SelectBySign,
        ["sqrt"] = ArithmeticDecoder.Arithmetic,
        ["st"] = MemoryDecoder.Store,
        ["sub"] = ArithmeticDecoder.Arithmetic,
        ["testp"] = ArithmeticDecoder.Test,
        ["vote"] = ControlDecoder.Vote,
        ["xor"] = ArithmeticDecoder.Bits,
    };

    /// <summary>Decodes a kernel. An instruction that the interpreter does not know, or a modifier, is
    /// an error here.</summary>
    public static Program Decode(KernelScope scope, IReadOnlyList<PtxVariable> moduleVariables)
    {
        KernelSyntax syntax = scope.Syntax;
        var operations = new List<Operation>(syntax.Instructions.Count + 1);
        foreach (PtxInstruction instruction in syntax.Instructions)
        {
            operations.Add(Decode(instruction, scope));
        }

        // Running off the end is a return, and labels may stand there.
        operations.Add(new Return(new PtxInstruction(syntax.Line, "end of the body", null, "ret", [], [])));
        Operation[] decoded = [.. operations];
        return new Program(
            decoded, BlockOrder.Rank(decoded), scope.Slots.Count, syntax.RegisterCount, scope.Slots.Masks,
            scope.Slots.Constants,
            scope.Slots.Specials, syntax.SharedBytes, syntax.LocalBytes, moduleVariables);
    }

    private static Operation Decode(PtxInstruction instruction, KernelScope scope)
    {
        if (!Decoders.TryGetValue(instruction.Name, out Func<InstructionReader, Operation>? decoder))
        {
            throw instruction.Error($"the interpreter does not know instruction '{instruction.Name}'.");
        }

        Operation operation = decoder(new InstructionReader(instruction, scope));
        if (instruction.Guard is RegisterOperand guard)
        {
            operation.SetGuard(scope.Slots.Register(guard.Register), guard.IsNegated);
        }

        return operation;
    }
}
