using System.Globalization;

namespace Requant.Devices.Ptx;

/// <summary>Computes several square roots, quotients and reciprocals in a row without a branch in
/// each of them.</summary>
/// <remarks>
/// <para>Assemblers make of <c>sqrt.rn</c> and <c>div.rn</c> a short sequence for operands whose exponents are not
/// extreme, and a call for others, each with a branch of its own, so that the roots and quotients of a lane's eight
/// elements wait for each other. Here all of them take that sequence, all operands are tested at once behind the last,
/// and where one is outside of the range, what depends on them is computed again by the instructions
/// as they were.</para>
/// <para>The sequences are those that assemblers use: an approximation by the device, and the residual of what follows
/// from it, by a fused multiply-add, to correct it (Markstein, "Computation of elementary functions on the IBM RISC
/// System/6000 processor", 1990). What they need of operands is in <see cref="PtxBranchlessRange"/>. What they need of
/// approximations is more than PTX promises, so that they are only used on architectures where they have been compared
/// with <c>.rn</c>: <c>docs/adr/0009-what-is-rewritten-in-ptx.md</c>.</para>
/// </remarks>
internal sealed class PtxBranchlessMath
{
    /// <summary>Fewer than this many are left as they are.</summary>
    private const int LeastCount = 2;

    private const string One = "0f3F800000";
    private const string Half = "0f3F000000";

    private readonly List<PtxLine> _behind = [];
    private int _floats;
    private int _words;
    private int _predicates;
    private int _runs;

    /// <summary>Those on which bench/Gpu has found no difference.</summary>
    private static readonly string[] CheckedArchitectures = ["sm_90"];

    private PtxBranchlessMath()
    {
    }

    /// <summary>Whether the results are known to be those of the instructions that are replaced.</summary>
    public static bool IsCheckedOn(string architecture) => CheckedArchitectures.Contains(architecture);

    /// <summary>Rewrites a body, outside of loops that are inside of other loops: those take one
    /// element at a time.</summary>
    public static void Rewrite(PtxBody body)
    {
        PtxLine? end = body.Blocks.SelectMany(block => block.Lines).LastOrDefault(line => line.IsInstruction);
        if (end is null || PtxOpcode.FallsThrough(end))
        {
            return;
        }

        HashSet<PtxBlock> inner = PtxLoops.Inner(body);
        var math = new PtxBranchlessMath();
        foreach (PtxBlock block in body.Blocks.Where(block => !inner.Contains(block)))
        {
            math.Rewrite(block);
        }

        if (math._runs > 0)
        {
            List<PtxLine> first = body.Blocks[0].Lines;
            first.InsertRange(first.FindIndex(line => line.IsInstruction), math.Declarations());
            body.Blocks[^1].Lines.AddRange(math._behind);
        }
    }

    private static bool IsRootOrQuotient(PtxLine line) => line.Opcode is "sqrt.rn.f32" or "div.rn.f32" or "rcp.rn.f32";

    private void Rewrite(PtxBlock block)
    {
        HoistReciprocals(block.Lines);
        for (int first = 0; first < block.Lines.Count; first++)
        {
            if (!IsRootOrQuotient(block.Lines[first]))
            {
                continue;
            }

            PtxRun run = PtxRun.From(block, first, IsRootOrQuotient);
            if (run.Count >= LeastCount)
            {
                List<PtxLine> lines = WithoutBranches(block.Lines[first..(run.Last + 1)], run);
                block.Lines.RemoveRange(first, run.Last + 1 - first);
                block.Lines.InsertRange(first, lines);
                first += lines.Count - 1;
            }
            else
            {
                first = run.Last;
            }
        }
    }

    private List<PtxLine> WithoutBranches(List<PtxLine> lines, PtxRun run)
    {
        string exact = $"M_exact{_runs}";
        string back = $"M_back{_runs}";
        _runs++;
        var tests = new Dictionary<PtxBranchlessRange, string>();
        var branchless = new List<PtxLine>();
        foreach (PtxLine line in lines.Except(run.Stores))
        {
            branchless.AddRange(!IsRootOrQuotient(line) ? [line] : line.Name switch
            {
                "sqrt" => Root(line.Operands[0], line.Operands[1], tests),
                "rcp" => Reciprocal(line.Operands[0], line.Operands[1], tests),
                _ => Quotient(line.Operands[0], line.Operands[1], line.Operands[2], tests),
            });
        }

        string? outside = null;
        foreach ((PtxBranchlessRange range, string largest) in tests)
        {
            string predicate = $"%mp{_predicates++}";
            branchless.Add(PtxLine.Instruction("setp.hs.u32", predicate, largest, Literal(range.Width)));
            if (outside is not null)
            {
                branchless.Add(PtxLine.Instruction("or.pred", predicate, predicate, outside));
            }

            outside = predicate;
        }

        if (outside is not null)
        {
            PtxLine branch = PtxLine.Instruction("bra", exact);
            branch.Guard = outside;
            branchless.Add(branch);
            branchless.Add(PtxLine.Parse($"\t{back}:")!);
            _behind.Add(PtxLine.Parse($"\t{exact}:")!);
            _behind.AddRange(run.Dependent);
            _behind.Add(PtxLine.Instruction("bra", back));
        }

        branchless.AddRange(run.Stores);
        return branchless;
    }

    /// <summary>y is about 1/√x, and s = x y about √x: corrected by its residual x - s².</summary>
    private IEnumerable<PtxLine> Root(string result, string x, Dictionary<PtxBranchlessRange, string> tests)
    {
        (string y, string s, string h, string minus, string e) = (Float(), Float(), Float(), Float(), Float());
        return
        [
            .. Test(PtxBranchlessRange.Root, x, tests),
            PtxLine.Instruction("rsqrt.approx.ftz.f32", y, x),
            PtxLine.Instruction("mul.rn.f32", s, x, y),
            PtxLine.Instruction("mul.rn.f32", h, y, Half),
            PtxLine.Instruction("neg.f32", minus, s),
            PtxLine.Instruction("fma.rn.f32", e, minus, s, x),
            PtxLine.Instruction("fma.rn.f32", result, e, h, s),
        ];
    }

    /// <summary>y is 1/b, corrected once; q = a y, corrected by its residual a - b q.</summary>
    private IEnumerable<PtxLine> Quotient(
        string result, string a, string b, Dictionary<PtxBranchlessRange, string> tests)
    {
        (string y, string minus, string e, string corrected, string q, string r) =
            (Float(), Float(), Float(), Float(), Float(), Float());
        return
        [
            .. Test(PtxBranchlessRange.Divisor, b, tests),
            .. Test(PtxBranchlessRange.Dividend, a, tests),
            PtxLine.Instruction("rcp.approx.ftz.f32", y, b),
            PtxLine.Instruction("neg.f32", minus, b),
            PtxLine.Instruction("fma.rn.f32", e, minus, y, One),
            PtxLine.Instruction("fma.rn.f32", corrected, y, e, y),
            PtxLine.Instruction("mul.rn.f32", q, a, corrected),
            PtxLine.Instruction("fma.rn.f32", r, minus, q, a),
            PtxLine.Instruction("fma.rn.f32", result, r, corrected, q),
        ];
    }

    /// <summary>y is 1/b, corrected once.</summary>
    private IEnumerable<PtxLine> Reciprocal(string result, string b, Dictionary<PtxBranchlessRange, string> tests)
    {
        (string y, string minus, string e) = (Float(), Float(), Float());
        return
        [
            .. Test(PtxBranchlessRange.Reciprocal, b, tests),
            PtxLine.Instruction("rcp.approx.ftz.f32", y, b),
            PtxLine.Instruction("neg.f32", minus, b),
            PtxLine.Instruction("fma.rn.f32", e, minus, y, One),
            PtxLine.Instruction("fma.rn.f32", result, y, e, y),
        ];
    }

    /// <summary>Takes reciprocals before the first root or quotient of a block where they can be computed there: they
    /// need not wait for what comes between.</summary>
    private static void HoistReciprocals(List<PtxLine> lines)
    {
        int first = lines.FindIndex(IsRootOrQuotient);
        for (int i = first + 1; first >= 0 && i < lines.Count; i++)
        {
            PtxLine line = lines[i];
            if (line.Opcode != "rcp.rn.f32" || line.Guard is not null)
            {
                continue;
            }

            int copy = lines.FindIndex(
                first, i - first,
                other => other is { Name: "mov", Guard: null } && other.Operands[0] == line.Operands[1]);
            if (CanMove(lines, i, first, copy) && (copy < 0 || CanMove(lines, copy, first, copy)))
            {
                PtxLine[] moved = copy < 0 ? [line] : [lines[copy], line];
                _ = lines.RemoveAll(other => moved.Contains(other));
                lines.InsertRange(first, moved);
                first += moved.Length;
            }
        }
    }

    /// <summary>Whether a line can be taken to an earlier place, before all between but one.</summary>
    private static bool CanMove(List<PtxLine> lines, int line, int to, int except)
    {
        string[] operands = lines[line].Operands;
        return Enumerable.Range(to, line - to).Where(i => i != except && lines[i].IsInstruction).All(i =>
            !lines[i].Results.Any(register => operands.Contains(register))
            && !lines[i].Sources.Contains(operands[0]));
    }

    /// <summary>Widens what is known of a range's operands: the largest distance of their bits from the
    /// range's first.</summary>
    private IEnumerable<PtxLine> Test(
        PtxBranchlessRange range, string operand, Dictionary<PtxBranchlessRange, string> tests)
    {
        string bits = Word();
        yield return PtxLine.Instruction("mov.b32", bits, operand);
        if (range.IsOfMagnitudes)
        {
            string magnitude = Word();
            yield return PtxLine.Instruction("shl.b32", magnitude, bits, "1");
            bits = magnitude;
        }

        string distance = Word();
        yield return PtxLine.Instruction("sub.u32", distance, bits, Literal(range.First));
        if (tests.TryGetValue(range, out string? largest))
        {
            string larger = Word();
            yield return PtxLine.Instruction("max.u32", larger, largest, distance);
            distance = larger;
        }

        tests[range] = distance;
    }

    private IEnumerable<PtxLine> Declarations() =>
    [
        PtxLine.Parse($"\t.reg .pred %mp<{_predicates}>;")!,
        PtxLine.Parse($"\t.reg .b32 %mr<{_words}>;")!,
        PtxLine.Parse($"\t.reg .f32 %mf<{_floats}>;")!,
    ];

    private string Float() => $"%mf{_floats++}";

    private string Word() => $"%mr{_words++}";

    private static string Literal(uint value) => value.ToString(CultureInfo.InvariantCulture);
}
