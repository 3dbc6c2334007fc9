using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Requant.Devices.Ptx;

/// <summary>A kernel's PTX as basic blocks of lines, to be changed and written again.</summary>
internal sealed partial class PtxBody
{
    private readonly string[] _head;
    private readonly string[] _tail;

    private PtxBody(string[] head, string[] tail, List<PtxBlock> blocks)
    {
        _head = head;
        _tail = tail;
        Blocks = blocks;
    }

    /// <summary>The blocks in the order of the text, the entry first.</summary>
    public IReadOnlyList<PtxBlock> Blocks { get; }

    /// <summary>The least compute capability that the text is for, times ten: 80 of <c>.target sm_80</c>.</summary>
    public int Target =>
        _head.Select(line => TargetLine().Match(line)).FirstOrDefault(match => match.Success) is { } match
            ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)
            : 0;

    /// <summary>Takes a text apart.</summary>
    /// <param name="text">A module with one kernel.</param>
    /// <param name="origins">For each line, the line that it comes from, or 0.</param>
    /// <returns>Null where it has something that rewriting knows nothing of: then it stays as it is.</returns>
    public static PtxBody? Parse(string text, ReadOnlySpan<int> origins = default)
    {
        string[] lines = text.ReplaceLineEndings("\n").Split('\n');
        int open = Array.FindIndex(lines, line => line.Trim() == "{");
        int close = Array.FindLastIndex(lines, line => line.Trim() == "}");
        if (open < 0
            || close < open
            || lines[..open].Count(line => line.Contains(".entry", StringComparison.Ordinal)) != 1
            || lines[close..].Any(line => line.Contains(".entry", StringComparison.Ordinal)))
        {
            return null;
        }

        var body = new List<PtxLine>();
        for (int i = open + 1; i < close; i++)
        {
            PtxLine? parsed = PtxLine.Parse(lines[i]);
            if (parsed is null || (parsed.IsInstruction && !PtxOpcode.IsKnown(parsed)))
            {
                return null;
            }

            if (i < origins.Length && origins[i] != 0)
            {
                parsed.Origins = [Math.Abs(origins[i])];
                parsed.IsOriginInherited = origins[i] < 0;
            }

            body.Add(parsed);
        }

        List<PtxBlock> blocks = Split(body);
        return Connect(blocks) ? new PtxBody(lines[..(open + 1)], lines[close..], blocks) : null;
    }

    /// <summary>The same text taken apart again, for what branches have changed.</summary>
    public PtxBody Again()
    {
        PtxBody again = Parse(ToString())
            ?? throw new InvalidOperationException("What was rewritten is not understood any more.");
        foreach ((PtxLine line, PtxLine before) in again.Lines.Zip(Lines))
        {
            (line.Origins, line.IsOriginInherited) = (before.Origins, before.IsOriginInherited);
        }

        return again;
    }

    /// <summary>The lines of all blocks.</summary>
    public IEnumerable<PtxLine> Lines => Blocks.SelectMany(block => block.Lines);

    /// <summary>For each line of the text, the lines that it comes from.</summary>
    public ImmutableSortedSet<int>[] Origins =>
        [.. _head.Select(_ => ImmutableSortedSet<int>.Empty), .. Lines.Select(line => line.Origins),
            .. _tail.Select(_ => ImmutableSortedSet<int>.Empty)];

    /// <summary>The text.</summary>
    public override string ToString() => string.Join(
        '\n', [.. _head, .. Lines.Select(line => line.ToString()), .. _tail]);

    [GeneratedRegex(@"^\s*\.target\s+sm_(\d+)")]
    private static partial Regex TargetLine();

    private static List<PtxBlock> Split(List<PtxLine> body)
    {
        var blocks = new List<PtxBlock> { new() };
        foreach (PtxLine line in body)
        {
            List<PtxLine> last = blocks[^1].Lines;
            if (line.Label is not null && last.Exists(one => one.IsInstruction || one.Label is not null))
            {
                blocks.Add(new PtxBlock());
            }

            blocks[^1].Lines.Add(line);
            if (line.IsInstruction && PtxOpcode.EndsBlock(line))
            {
                blocks.Add(new PtxBlock());
            }
        }

        return blocks;
    }

    /// <summary>Whether every branch leads to a label.</summary>
    private static bool Connect(List<PtxBlock> blocks)
    {
        var labels = new Dictionary<string, PtxBlock>(StringComparer.Ordinal);
        foreach (PtxBlock block in blocks)
        {
            foreach (PtxLine line in block.Lines.Where(line => line.Label is not null))
            {
                labels[line.Label!] = block;
            }
        }

        for (int i = 0; i < blocks.Count; i++)
        {
            PtxLine? last = blocks[i].Lines.FindLast(line => line.IsInstruction);
            if (last?.Name == "bra")
            {
                if (last.Operands.Length != 1 || !labels.TryGetValue(last.Operands[0], out PtxBlock? target))
                {
                    return false;
                }

                blocks[i].Successors.Add(target);
            }

            if (i + 1 < blocks.Count
                && (last is null || PtxOpcode.FallsThrough(last))
                && !blocks[i].Successors.Contains(blocks[i + 1]))
            {
                blocks[i].Successors.Add(blocks[i + 1]);
            }

            blocks[i].Successors.ForEach(successor => successor.Predecessors.Add(blocks[i]));
        }

        return true;
    }
}

/// <summary>Lines that control enters at the first and leaves at the last.</summary>
internal sealed class PtxBlock
{
    /// <summary>Its lines; a branch only at the end.</summary>
    public List<PtxLine> Lines { get; } = [];

    /// <summary>Where control may go.</summary>
    public List<PtxBlock> Successors { get; } = [];

    /// <summary>Where it may come from.</summary>
    public List<PtxBlock> Predecessors { get; } = [];
}
