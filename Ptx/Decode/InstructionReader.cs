using Requant.Ptx.Execution;
using Requant.Ptx.Syntax;

namespace Requant.Ptx.Decode;

/// <summary>Takes an instruction apart. What a decoder leaves is an error, so that no modifier is
/// ever ignored.</summary>
internal sealed class InstructionReader(PtxInstruction instruction, KernelScope scope)
{
    private readonly List<string> _modifiers = [.. instruction.Modifiers];
    private int _next;

    public PtxInstruction Instruction => instruction;

    public string Name => instruction.Name;

    /// <summary>The slot of a constant 0, for operands that an instruction lacks.</summary>
    public int Nothing => scope.Slots.Constant(0);

    public int OperandCount => instruction.Operands.Count;

    /// <summary>Takes a modifier if it is there, wherever it is.</summary>
    public bool TryTake(string modifier) => _modifiers.Remove(modifier);

    /// <summary>Takes one of some modifiers, or returns "".</summary>
    public string TakeOneOf(params ReadOnlySpan<string> modifiers)
    {
        foreach (string modifier in modifiers)
        {
            if (TryTake(modifier))
            {
                return modifier;
            }
        }

        return "";
    }

    /// <summary>As <see cref="TakeOneOf"/>, and an error when none is there.</summary>
    public string RequireOneOf(params ReadOnlySpan<string> modifiers)
    {
        string taken = TakeOneOf(modifiers);
        return taken.Length > 0
            ? taken
            : throw Error($"it needs one of the modifiers {string.Join(", ", modifiers!)}.");
    }

    /// <summary>Takes the first type.</summary>
    public PtxType TakeType()
    {
        for (int i = 0; i < _modifiers.Count; i++)
        {
            if (PtxTypes.TryParse(_modifiers[i], out PtxType type))
            {
                _modifiers.RemoveAt(i);
                return type;
            }
        }

        throw Error("it needs a type that the interpreter knows.");
    }

    /// <summary>The slot and type of the register that the next operand names.</summary>
    public PtxRegister Destination(PtxType type, bool mayBeWider = false) => AsDestination(Operand(), type, mayBeWider);

    /// <summary>The slot of the next operand's value.</summary>
    public int Source(PtxType type, bool mayBeWider = false) => AsSource(Operand(), type, mayBeWider);

    /// <summary>The slot of a predicate, which may be negated.</summary>
    public (int Slot, bool IsNegated) Predicate() =>
        Operand() is RegisterOperand { Register.Type: PtxType.Pred } operand
            ? (scope.Slots.Register(operand.Register), operand.IsNegated)
            : throw Error($"operand {_next} must be a predicate.");

    /// <summary>The next operand as written.</summary>
    public Operand Operand() => _next < instruction.Operands.Count
        ? instruction.Operands[_next++]
        : throw Error($"it has {instruction.Operands.Count} operands and needs more.");

    public PtxRegister AsDestination(Operand operand, PtxType type, bool mayBeWider = false)
    {
        if (operand is not RegisterOperand { IsNegated: false } one)
        {
            throw Error("its results must be declared registers.");
        }

        Require(one.Register, type, mayBeWider);
        scope.Slots.Register(one.Register);
        return one.Register;
    }

    public int AsSource(Operand operand, PtxType type, bool mayBeWider = false)
    {
        switch (operand)
        {
            case RegisterOperand { IsNegated: false } one:
                Require(one.Register, type, mayBeWider);
                return scope.Slots.Register(one.Register);
            case IntegerOperand integer when !type.IsFloat() && type != PtxType.Pred:
                return scope.Slots.Constant(InRange(integer, type));
            case IntegerOperand constant when type == PtxType.Pred:
                return scope.Slots.Constant(constant.Value == 0 ? 0UL : 1UL);
            case FloatOperand literal when literal.Type.Bits() == type.Bits() && !type.IsInteger():
                return scope.Slots.Constant(literal.Value);
            case NameOperand name when SpecialRegister.Find(name.Name) is SpecialRegister special:
                return SpecialRegister.Type.Bits() == type.Bits() && !type.IsFloat()
                    ? scope.Slots.Special(special)
                    : throw Error($"'{name.Name}' has 32 bits.");
            default:
                throw Error($"{Describe(operand)} is no operand of type {type.Name()}.");
        }
    }

    /// <summary>The instruction that a label names.</summary>
    public int Label() => Operand() is NameOperand name ? Label(name.Name) : throw Error("it needs a label.");

    public int Label(string name) => scope.Syntax.Labels.TryGetValue(name, out int target)
        ? target
        : throw Error($"there is no label '{name}'.");

    /// <summary>The labels that <c>.branchtargets</c> lists under the name of the next operand.</summary>
    public int[] Labels() =>
        Operand() is NameOperand name && scope.Syntax.BranchTargets.TryGetValue(name.Name, out string[]? targets)
        ? Array.ConvertAll(targets, Label)
        : throw Error("it needs the label of a list of branch targets.");

    /// <summary>The place of a parameter's bytes.</summary>
    public int ParameterOffset(int bytes)
    {
        if (Operand() is not AddressOperand { Variable: string name, Offset: long offset }
            || !scope.Parameters.TryGetValue(name, out PtxVariable? parameter))
        {
            throw Error("it needs the address of a parameter.");
        }

        return offset >= 0 && offset + bytes <= parameter.Bytes
            ? parameter.Offset + (int)offset
            : throw Error($"'{name}' has {parameter.Bytes} bytes.");
    }

    /// <summary>The slot and the constant part of an address.</summary>
    public (int Slot, long Offset) Address(StateSpace space)
    {
        if (Operand() is not AddressOperand address)
        {
            throw Error("it needs an address.");
        }

        if (address.Register is PtxRegister register)
        {
            Require(register, PtxType.B64, mayBeWider: false);
            return (scope.Slots.Register(register), address.Offset);
        }

        if (address.Variable is null)
        {
            return (Nothing, address.Offset);
        }

        (StateSpace actual, ulong start) = Variable(address.Variable);
        return actual == space
            ? (Nothing, (long)start + address.Offset)
            : throw Error($"'{address.Variable}' is in {actual} memory.");
    }

    /// <summary>The space of a variable and its address there.</summary>
    public (StateSpace Space, ulong Address) Variable(string name) =>
        scope.FindVariable(name) ?? throw Error($"there is no register or variable '{name}'.");

    /// <summary>The slot of a literal or of a variable's address.</summary>
    public int Constant(ulong value) => scope.Slots.Constant(value);

    /// <summary>Throws if modifiers or operands are left.</summary>
    public void End()
    {
        if (_modifiers.Count > 0)
        {
            throw Error($"the interpreter does not know modifier '.{_modifiers[0]}' of {Name}.");
        }

        if (_next < instruction.Operands.Count)
        {
            throw Error($"it has {instruction.Operands.Count} operands and takes {_next}.");
        }
    }

    public PtxException Error(string problem) => instruction.Error(problem);

    private ulong InRange(IntegerOperand literal, PtxType type)
    {
        ulong mask = type.Mask();
        bool fits = literal.IsNegative ? (literal.Value | (mask >> 1)) == ulong.MaxValue : (literal.Value & ~mask) == 0;
        return fits ? literal.Value & mask : throw Error($"{(long)literal.Value} does not fit type {type.Name()}.");
    }

    private void Require(PtxRegister register, PtxType type, bool mayBeWider)
    {
        if (!type.Accepts(register.Type, mayBeWider))
        {
            throw Error($"'{register.Name}' is a register of type {register.Type.Name()} and no operand of type "
                + $"{type.Name()}.");
        }
    }

    private static string Describe(Operand operand) => operand switch
    {
        NameOperand name => $"'{name.Name}'",
        RegisterOperand register => $"'!{register.Register.Name}'",
        _ => "this kind of operand",
    };
}
