using System.Globalization;

namespace Requant.Devices.Ptx;

/// <summary>Writes shifts, masks and unions that only move whole bytes as byte permutations.</summary>
/// <remarks>For each register of a block the four bytes are known by where they come from. A result that takes its
/// bytes from one to four registers needs one to three <c>prmt</c>, which all devices do at the rate of a shift; it is
/// written where fewer instructions are left. Integers: the bits are the same.</remarks>
internal sealed class PtxBytes
{
    private const int MaxSources = 4;
    private const int BytesOfWord = 4;
    private const int None = -1;

    private readonly PtxBlock _block;
    private readonly PtxDefinitions _definitions;
    private readonly PtxByte[]?[] _known;

    /// <summary>The line whose bytes are followed no further than to unions that other lines read too.</summary>
    private int _root = None;

    private PtxBytes(PtxBlock block, HashSet<string> liveAtEnd)
    {
        _block = block;
        _definitions = new PtxDefinitions(block, liveAtEnd);
        _known = new PtxByte[]?[block.Lines.Count];
        for (int i = 0; i < block.Lines.Count; i++)
        {
            _known[i] = Result(i);
        }
    }

    /// <summary>Rewrites a body; what nothing reads any more stays until
    /// <see cref="PtxLiveness.RemoveDead"/>.</summary>
    public static void Rewrite(PtxBody body)
    {
        PtxLiveness liveness = PtxLiveness.Of(body);
        foreach (PtxBlock block in body.Blocks)
        {
            new PtxBytes(block, liveness.AtEnd(block)).Rewrite();
        }
    }

    private void Rewrite()
    {
        var replaced = new HashSet<int>();
        var permutations = new List<(int Line, PtxLine[] Lines)>();
        for (int i = _block.Lines.Count - 1; i >= 0; i--)
        {
            if (_known[i] is not { } bytes || replaced.Contains(i) || _block.Lines[i].Name is not ("or" or "mul"))
            {
                continue;
            }

            // By all the registers that bytes come from, or by unions that others read too: whichever needs fewer
            // permutations.
            (PtxLine[]? lines, List<int> unneeded) = Permute(i, bytes);
            (PtxLine[]? fewer, List<int> fewerUnneeded) = Permute(i, Shared(i));
            if (fewer is not null && (lines is null || fewer.Length < lines.Length))
            {
                (lines, unneeded) = (fewer, fewerUnneeded);
            }

            if (lines is not null)
            {
                permutations.Add((i, lines));
                replaced.UnionWith(unneeded);
            }
        }

        foreach ((int line, PtxLine[] lines) in permutations)
        {
            _block.Lines.RemoveAt(line);
            _block.Lines.InsertRange(line, lines);
        }
    }

    /// <summary>Where the bytes of a line's result come from, if not beyond what other lines read too.</summary>
    private PtxByte[]? Shared(int line)
    {
        _root = line;
        PtxByte[]? bytes = Result(line);
        _root = None;
        return bytes;
    }

    /// <summary>The permutations that make a line's result, and the lines that nothing needs then, whose registers may
    /// be used in between; null
    /// where they are no fewer instructions.</summary>
    private (PtxLine[]? Lines, List<int> Unneeded) Permute(int line, PtxByte[]? bytes)
    {
        if (bytes is null)
        {
            return (null, []);
        }

        (string Register, int Line)[] sources =
            [.. bytes.Where(one => one.Register is not null).Select(one => (one.Register!, one.Line)).Distinct()];
        List<int> unneeded = _definitions.OnlyFor(line, Array.ConvertAll(sources, source => source.Line));
        PtxLine[]? lines = Permute(line, bytes, sources, unneeded);
        return (lines?.Length <= unneeded.Count ? lines : null, unneeded);
    }

    private PtxLine[]? Permute(int line, PtxByte[] bytes, (string Register, int Line)[] sources, List<int> unneeded)
    {
        bool hasZero = Array.Exists(bytes, one => one.Register is null);
        string[] free = [.. unneeded.Where(one => IsWord(_block.Lines[one]))
            .Select(one => (Register: _block.Lines[one].Operands[0], Line: one))
            .Where(one => _definitions.Holds(line, one.Register, one.Line)).Select(one => one.Register)
            .Except(sources.Select(source => source.Register)).Distinct()];
        if (sources.Length is 0 or > MaxSources || (hasZero && sources.Length > 1) || free.Length < sources.Length - 2
            || !Array.TrueForAll(sources, source => _definitions.Holds(line, source.Register, source.Line)))
        {
            return null;
        }

        string result = _block.Lines[line].Operands[0];
        string[] names = Array.ConvertAll(sources, source => source.Register);
        switch (sources.Length)
        {
            case 1:
                return [Permutation(result, names[0], "0", bytes)];
            case 2:
                return [Permutation(result, names[0], names[1], bytes)];
            case 3:
                return
                [
                    Permutation(free[0], names[0], names[1], bytes),
                    Permutation(result, free[0], names[2], InPlace(bytes, free[0], names[..2])),
                ];
            default:
                return
                [
                    Permutation(free[0], names[0], names[1], bytes),
                    Permutation(free[1], names[2], names[3], bytes),
                    Permutation(
                        result, free[0], free[1], InPlace(InPlace(bytes, free[0], names[..2]), free[1], names[2..])),
                ];
        }
    }

    /// <summary>The bytes, those of some registers taken from one that has them where they are to be.</summary>
    private static PtxByte[] InPlace(PtxByte[] bytes, string register, string[] registers) =>
        [.. bytes.Select((one, place) =>
            registers.Contains(one.Register) ? new PtxByte(register, 0, place, PtxByteKind.Whole) : one)];

    /// <summary>One instruction. A nibble of its selector is the number of a byte of the first operand, or 4 more for
    /// one of the second, and 8 more for its sign. Bytes of neither register are of no concern.</summary>
    private static PtxLine Permutation(string result, string low, string high, PtxByte[] bytes)
    {
        int selector = 0;
        for (int i = 0; i < BytesOfWord; i++)
        {
            PtxByte one = bytes[i];
            int place = one.Register == low
                ? one.Index
                : one.Register == high || one.Register is null ? BytesOfWord + one.Index : -1;
            if (place >= 0)
            {
                selector |= (one.Kind == PtxByteKind.Sign ? place + 8 : place) << (4 * i);
            }
        }

        return PtxLine.Instruction("prmt.b32", result, low, high, selector.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Where the bytes of a line's result come from, if not from the line itself.</summary>
    private PtxByte[]? Result(int line)
    {
        PtxLine one = _block.Lines[line];
        if (!one.IsInstruction || !PtxOpcode.IsPure(one) || !IsWord(one))
        {
            return null;
        }

        return one.Opcode switch
        {
            "and.b32" when Constant(one) is { } mask => Mask(Bytes(line, 1), (uint)mask),
            "shl.b32" when Constant(one) is { } bits => Shift(Bytes(line, 1), -(int)bits, default),
            "shr.u32" or "shr.b32" when Constant(one) is 7 =>
                Kind(Bytes(line, 1), PtxByteKind.Whole, PtxByteKind.Shifted),
            "shr.u32" or "shr.b32" when Constant(one) is { } bits => Shift(Bytes(line, 1), (int)bits, default),
            "shr.s32" when Constant(one) is { } bits => ShiftSigned(Bytes(line, 1), (int)bits),
            "mul.lo.s32" or "mul.lo.u32" when Constant(one) is byte.MaxValue =>
                Kind(Bytes(line, 1), PtxByteKind.Top, PtxByteKind.Sign),
            "or.b32" => Union(Bytes(line, 1), Bytes(line, 2)),
            _ => null,
        };
    }

    private PtxByte[]? Bytes(int line, int operand)
    {
        string register = _block.Lines[line].Operands[operand];
        if (!PtxOperand.IsRegister(register) || PtxOperand.ClassOf(register) != "r")
        {
            return null;
        }

        int definition = _definitions.Of(line, register);
        bool isFollowed = definition != PtxDefinitions.Outside
            && (_root == None || _block.Lines[definition].Name != "or" || _definitions.ReadersOf(definition) == 1);
        return isFollowed && (_root == None ? _known[definition] : Result(definition)) is { } bytes
            ? bytes
            : [.. Enumerable.Range(0, BytesOfWord)
                .Select(index => new PtxByte(register, definition, index, PtxByteKind.Whole))];
    }

    private static PtxByte[]? Mask(PtxByte[]? bytes, uint mask)
    {
        if (mask == 0x01010101 && Kind(bytes, PtxByteKind.Shifted, PtxByteKind.Top) is { } top)
        {
            return top;
        }

        if (bytes is null || Array.Exists(bytes, one => one.Kind > PtxByteKind.Sign))
        {
            return null;
        }

        var result = new PtxByte[BytesOfWord];
        for (int i = 0; i < BytesOfWord; i++)
        {
            switch ((byte)(mask >> (8 * i)))
            {
                case byte.MaxValue:
                    result[i] = bytes[i];
                    break;
                case 0:
                    break;
                default:
                    return null;
            }
        }

        return result;
    }

    private static PtxByte[]? ShiftSigned(PtxByte[]? bytes, int bits)
    {
        if (bytes is null)
        {
            return null;
        }

        PtxByte top = bytes[^1];
        PtxByte sign = top.Register is null ? top : top with { Kind = PtxByteKind.Sign };
        return Shift(bytes, bits == 31 ? 32 : bits, sign);
    }

    /// <summary>Shifts down by whole bytes, or up where there are less than none.</summary>
    private static PtxByte[]? Shift(PtxByte[]? bytes, int bits, PtxByte fill)
    {
        if (bytes is null || bits % 8 != 0 || Array.Exists(bytes, one => one.Kind > PtxByteKind.Sign))
        {
            return null;
        }

        return [.. Enumerable.Range(bits / 8, BytesOfWord)
            .Select(from => from < 0 ? default : from < BytesOfWord ? bytes[from] : fill)];
    }

    private static PtxByte[]? Union(PtxByte[]? x, PtxByte[]? y)
    {
        if (x is null || y is null || x.Concat(y).Any(one => one.Kind > PtxByteKind.Sign)
            || x.Zip(y).Any(pair => pair.First.Register is not null && pair.Second.Register is not null))
        {
            return null;
        }

        return [.. x.Zip(y, (first, second) => first.Register is null ? second : first)];
    }

    /// <summary>The bytes with another kind, if all are of a kind.</summary>
    private static PtxByte[]? Kind(PtxByte[]? bytes, PtxByteKind from, PtxByteKind to) =>
        bytes is not null && Array.TrueForAll(bytes, one => one.Register is not null && one.Kind == from)
            ? Array.ConvertAll(bytes, one => one with { Kind = to })
            : null;

    private static bool IsWord(PtxLine line) => PtxOperand.ClassOf(line.Operands[0]) == "r";

    private static long? Constant(PtxLine line) =>
        line.Operands.Length == 3 && PtxOperand.TryInteger(line.Operands[2], out long constant) ? constant : null;
}

/// <summary>One byte of a word: a byte of a register, or 0 where there is none.</summary>
/// <param name="Register">The register.</param>
/// <param name="Line">The line that wrote it.</param>
/// <param name="Index">From 0, the lowest, to 3.</param>
/// <param name="Kind">What is taken of that byte.</param>
internal readonly record struct PtxByte(string? Register, int Line, int Index, PtxByteKind Kind);

/// <summary>What is taken of a byte.</summary>
internal enum PtxByteKind
{
    /// <summary>All of it.</summary>
    Whole,

    /// <summary>Its top bit, eight times.</summary>
    Sign,

    /// <summary>Its top bit as the lowest, below bits of the next byte.</summary>
    Shifted,

    /// <summary>Its top bit as the lowest, below zeros.</summary>
    Top,
}
