using System.Globalization;
using System.Text;
using Requant.Generator.Ir;
using Requant.Generator.Plan;
using Requant.Generator.Support;

namespace Requant.Generator.Emit.Shared;

/// <summary>Marks within a text that is being written, which say what lines of the rule it comes from. They are between
/// two characters that no code has, and are taken out when the text is done.</summary>
internal static class LineMarks
{
    private const char Start = '\uE000';
    private const char End = '\uE001';

    /// <summary>A mark; empty for no line.</summary>
    public static string Of(IEnumerable<int> lines)
    {
        int[] known = [.. lines.Where(line => line > 0).Distinct().OrderBy(line => line)];
        return known.Length == 0 ? "" : Start + string.Join(",", known.Select(Literals.Int)) + End;
    }

    /// <summary>A text with the mark of one line behind it.</summary>
    public static string Marked(this string text, int line) => text + Of([line]);

    /// <summary>Lines of all that the host computes a value from.</summary>
    public static IEnumerable<int> OfHostValue(KernelIr body, int value) =>
        Liveness.From(body.HostOps, [value]).Select(operand => body.Ops[operand].Line);

    /// <summary>Lines of an operation of a kernel: of what the host computes, all.</summary>
    public static IEnumerable<int> OfKernelOp(KernelPlan plan, IrOp op) =>
        op.Code == OpCode.Uniform ? OfHostValue(plan.Rule.Body, plan.Uniforms[op.Index].Value) : [op.Line];

    /// <summary>Takes the marks out.</summary>
    /// <returns>The text, and for each of its lines that has marks, one as in <c>12:3,5</c>: line 12 comes from lines
    /// 3 and 5 of the rule.</returns>
    public static (string Text, string Lines) Strip(string marked)
    {
        var text = new StringBuilder(marked.Length);
        var map = new StringBuilder();
        var lines = new SortedSet<int>();
        int number = 1;
        for (int i = 0; i < marked.Length; i++)
        {
            if (marked[i] == Start && marked.IndexOf(End, i) is > 0 and var end)
            {
                lines.UnionWith(marked.Substring(i + 1, end - i - 1).Split(',')
                    .Select(line => int.Parse(line, CultureInfo.InvariantCulture)));
                i = end;
                continue;
            }

            text.Append(marked[i]);
            if (marked[i] == '\n' || i == marked.Length - 1)
            {
                if (lines.Count > 0)
                {
                    map.Append(Literals.Int(number)).Append(':').Append(string.Join(",", lines.Select(Literals.Int)))
                        .Append('\n');
                }

                lines.Clear();
                number++;
            }
        }

        return (text.ToString(), map.ToString());
    }
}
