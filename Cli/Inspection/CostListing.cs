using System.Globalization;
using System.Text;

namespace Requant.Cli.Inspection;

/// <summary>The rule's text with what each line costs.</summary>
internal static class CostListing
{
    /// <param name="source">The rule's text.</param>
    /// <param name="costs">Those of each line, and of the frame.</param>
    /// <param name="heading">What was compiled.</param>
    /// <exception cref="CommandException">Nothing is known of the variant.</exception>
    public static string Of(Pane source, IReadOnlyList<LineCost>? costs, string heading)
    {
        if (costs is null)
        {
            throw new CommandException(
                "No hyperparameters were found that select this variant, so that it cannot be run; "
                + "leave --variant out.");
        }

        double instructions = costs.Sum(cost => cost.Instructions);
        double bytes = costs.Sum(cost => cost.Bytes);
        var text = new StringBuilder();
        Line($"// {heading}");
        Line("// PTX instructions and bytes of global memory a parameter, executed by the interpreter, and the rule's "
            + "line");
        for (int line = 0; line < source.Lines.Count; line++)
        {
            Line($"{Numbers(costs[line])}  {source.Lines[line]}");
        }

        Line($"{Numbers(costs[^1])}  // frame: loop, addresses, what belongs to no line");
        return Line($"{Numbers(new LineCost(instructions, bytes))}  // all").ToString();

        StringBuilder Line(string line) => text.Append(line.TrimEnd()).Append('\n');
    }

    private static string Numbers(LineCost cost) => cost is { Instructions: 0, Bytes: 0 }
        ? new string(' ', 16)
        : string.Create(CultureInfo.InvariantCulture, $"{cost.Instructions,8:F1} {cost.Bytes,7:F2}");
}
