using System.Collections.Immutable;

namespace Requant.Devices.Ptx;

/// <summary>Finds values that registers hold already: the second of two equal instructions becomes a copy, later reads
/// go to the first register, and an address that is another one and a constant is written as
/// <c>[register+constant]</c>.</summary>
/// <remarks>Values are numbered within a block, and on from a block into those that control reaches through it alone,
/// where registers hold what
/// they held unless something between writes them. Loads are never equal. Of arithmetic only 64-bit additions are taken
/// apart, which are exact in any order.</remarks>
internal sealed class PtxDuplicates
{
    /// <summary>Offsets that instructions of all devices have room for: 24 bits with a sign.</summary>
    private const long MaxOffset = (1 << 23) - 1;

    // A block begins with what its dominator knows, and kernels have thousands of blocks: none of it is copied.
    private ImmutableDictionary<string, int> _ofRegister =
        ImmutableDictionary.Create<string, int>(StringComparer.Ordinal);
    private ImmutableDictionary<string, int> _ofExpression =
        ImmutableDictionary.Create<string, int>(StringComparer.Ordinal);
    private ImmutableDictionary<int, ImmutableList<string>> _holders =
        ImmutableDictionary<int, ImmutableList<string>>.Empty;
    private ImmutableDictionary<int, (int Base, long Offset)> _sums = ImmutableDictionary<int, (int, long)>.Empty;
    private int _count;

    private PtxDuplicates(PtxDuplicates? from)
    {
        if (from is not null)
        {
            (_ofRegister, _ofExpression, _holders, _sums, _count) =
                (from._ofRegister, from._ofExpression, from._holders, from._sums, from._count);
        }
    }

    /// <summary>Rewrites a body; what nothing reads any more stays until
    /// <see cref="PtxLiveness.RemoveDead"/>.</summary>
    public static void Rewrite(PtxBody body)
    {
        var atEnd = new Dictionary<PtxBlock, PtxDuplicates>();
        var dominators = new PtxDominators(body);

        // No rewriting changes what a line writes.
        Dictionary<PtxBlock, string[]> written = body.Blocks.ToDictionary(
            block => block,
            block => block.Lines.Where(line => line.IsInstruction).SelectMany(line => line.Results)
                .Distinct(StringComparer.Ordinal).ToArray());
        foreach (PtxBlock block in dominators.Blocks)
        {
            var values = new PtxDuplicates(dominators.Of(block) is { } from ? atEnd[from] : null);
            if (dominators.Of(block) is not null)
            {
                values.Forget(dominators.Since(block).SelectMany(one => written[one]));
            }

            block.Lines.ForEach(values.Rewrite);
            atEnd[block] = values;
        }
    }

    /// <summary>What registers hold that other blocks write is not known.</summary>
    private void Forget(IEnumerable<string> registers)
    {
        foreach (string register in registers)
        {
            if (_ofRegister.TryGetValue(register, out int old))
            {
                _holders = _holders.SetItem(old, _holders[old].Remove(register, StringComparer.Ordinal));
                _ofRegister = _ofRegister.Remove(register);
            }
        }
    }

    private void Rewrite(PtxLine line)
    {
        if (!line.IsInstruction)
        {
            return;
        }

        int first = PtxOpcode.FirstSource(line);
        string[] operands = [.. line.Operands];
        for (int i = first; i < operands.Length; i++)
        {
            operands[i] = IsDeviceAddress(line, i)
                ? RewriteAddress(operands[i])
                : PtxOperand.Replace(operands[i], Oldest);
        }

        line.Operands = operands;

        if (PtxOpcode.IsPure(line) && line.Operands.Skip(first).All(IsValue))
        {
            RewritePure(line);
            return;
        }

        foreach (string result in line.Results)
        {
            Set(result, _count++);
        }
    }

    private void RewritePure(PtxLine line)
    {
        string result = line.Operands[0];
        int value = ValueOf(line);
        string? holder = _holders.GetValueOrDefault(value)
            ?.Find(one => PtxOperand.ClassOf(one) == PtxOperand.ClassOf(result));
        string? copy = CopyOpcode(PtxOperand.ClassOf(result));
        bool isConstant = line.Name == "mov" && !PtxOperand.IsRegister(line.Operands[1]);
        if (holder is not null && copy is not null && !isConstant)
        {
            line.Opcode = copy;
            line.Operands = [result, holder];
        }

        Set(result, value);
    }

    private int ValueOf(PtxLine line)
    {
        string[] sources = line.Operands[1..];
        if (line.Opcode == CopyOpcode(PtxOperand.ClassOf(line.Operands[0])) && PtxOperand.IsRegister(sources[0])
            && PtxOperand.ClassOf(sources[0]) == PtxOperand.ClassOf(line.Operands[0]))
        {
            return Of(sources[0]);
        }

        return line.Opcode is "add.s64" or "add.u64"
            ? Sum(sources[0], sources[1])
            : OfExpression($"{line.Opcode} {string.Join(' ', sources.Select(Key))}");
    }

    /// <summary>A 64-bit sum, as a sum of registers and a constant.</summary>
    private int Sum(string x, string y)
    {
        (int? startX, long offsetX) = TakeApart(x);
        (int? startY, long offsetY) = TakeApart(y);
        long offset = unchecked(offsetX + offsetY);
        int start = startX is null || startY is null
            ? startX ?? startY ?? OfExpression("no start")
            : OfExpression($"sum {startX} {startY}");
        if (offset == 0)
        {
            return start;
        }

        int value = OfExpression($"offset {start} {offset}");
        _sums = _sums.SetItem(value, (start, offset));
        return value;
    }

    /// <summary>The value that an operand is, or none, and a constant.</summary>
    private (int? Start, long Offset) TakeApart(string operand)
    {
        if (PtxOperand.TryInteger(operand, out long constant))
        {
            return (null, constant);
        }

        int value = PtxOperand.IsRegister(operand) ? Of(operand) : OfExpression(operand);
        return _sums.TryGetValue(value, out var sum) ? (sum.Base, sum.Offset) : (value, 0);
    }

    private string RewriteAddress(string operand)
    {
        if (!PtxOperand.TryAddress(operand, out string register, out long offset) || !PtxOperand.IsRegister(register))
        {
            return operand;
        }

        int value = Of(register);
        if (_sums.TryGetValue(value, out var sum) && Math.Abs(sum.Offset) <= MaxOffset
            && sum.Offset + offset is >= 0 and <= MaxOffset
            && _holders.GetValueOrDefault(sum.Base)
                ?.Find(one => PtxOperand.ClassOf(one) == PtxOperand.ClassOf(register)) is { } start)
        {
            return PtxOperand.Address(start, sum.Offset + offset);
        }

        return PtxOperand.Address(Oldest(register), offset);
    }

    /// <summary>Whether the operand is an address in a register, as those of loads and stores are.</summary>
    private static bool IsDeviceAddress(PtxLine line, int operand) =>
        line.Operands[operand][0] == '[' && line.Name is "ld" or "st" or "red" or "atom";

    private static bool IsValue(string operand) => PtxOperand.IsRegister(operand) || PtxOperand.IsFixed(operand);

    private string Key(string operand) => PtxOperand.IsRegister(operand) ? $"v{Of(operand)}" : operand;

    private int Of(string register)
    {
        if (!_ofRegister.TryGetValue(register, out int value))
        {
            value = _count++;
            Set(register, value);
        }

        return value;
    }

    private int OfExpression(string expression)
    {
        if (!_ofExpression.TryGetValue(expression, out int value))
        {
            value = _count++;
            _ofExpression = _ofExpression.Add(expression, value);
        }

        return value;
    }

    private void Set(string register, int value)
    {
        if (_ofRegister.TryGetValue(register, out int old))
        {
            _holders = _holders.SetItem(old, _holders[old].Remove(register, StringComparer.Ordinal));
        }

        _ofRegister = _ofRegister.SetItem(register, value);
        _holders = _holders.SetItem(value, _holders.GetValueOrDefault(value, []).Add(register));
    }

    /// <summary>The register of the same kind that has held the same value for longest.</summary>
    private string Oldest(string register)
    {
        int value = Of(register);
        return _holders[value].Find(one => PtxOperand.ClassOf(one) == PtxOperand.ClassOf(register))!;
    }

    /// <summary>What copies a register of a kind as ILGPU names them; null for others.</summary>
    private static string? CopyOpcode(string registerClass) => registerClass switch
    {
        "p" => "mov.pred",
        "rs" => "mov.b16",
        "r" => "mov.b32",
        "rd" => "mov.b64",
        "f" => "mov.f32",
        "fd" => "mov.f64",
        _ => null,
    };
}
