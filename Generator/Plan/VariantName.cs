using System.Text;
using Requant.Generator.Support;

namespace Requant.Generator.Plan;

/// <summary>What a specialised kernel is called by the conditions that it is made for.</summary>
internal static class VariantName
{
    private const int Longest = 48;

    /// <summary>What names of a kernel's parts end with.</summary>
    public static readonly string[] Parts = ["Block", "Eight", "Element", "Vectors"];

    private static readonly (string Symbol, string Word)[] Operators =
    [
        ("==", "Is"), ("!=", "IsNot"), (">=", "AtLeast"), ("<=", "AtMost"), (">", "Above"), ("<", "Below"),
        ("&&", "And"), ("||", "Or"), ("!", "Not"),
        ("+", "Plus"), ("-", "Minus"), ("*", "Times"), ("/", "By"), ("%", "Mod"),
    ];

    /// <summary>As in <c>AmsgradStepIs1</c>: empty where no condition is met.</summary>
    /// <param name="conditions">Those that are met, as the rule writes them.</param>
    /// <param name="taken">Names of other variants.</param>
    public static string Of(IEnumerable<string> conditions, IReadOnlyCollection<string> taken)
    {
        string name = string.Concat(
            conditions.Select(condition => Words(condition.Replace("State.", "").Replace("Shape.", ""))));
        bool isFree = name.Length <= Longest
            && !taken.Contains(name)
            && !Parts.Any(part => name.EndsWith(part, StringComparison.Ordinal));
        return isFree ? name : "Variant_" + Literals.Int(taken.Count);
    }

    private static string Words(string condition)
    {
        var words = new StringBuilder();
        for (int i = 0; i < condition.Length;)
        {
            string rest = condition.Substring(i);
            (string symbol, string word) = Operators.FirstOrDefault(
                one => rest.StartsWith(one.Symbol, StringComparison.Ordinal));
            int length = 1;
            if (symbol is not null)
            {
                words.Append(word);
                length = symbol.Length;
            }
            else if (IsPartOfName(rest[0]))
            {
                length = rest.TakeWhile(IsPartOfName).Count();
                string part = rest.Substring(0, length);
                words.Append(char.IsDigit(part[0]) ? part.TrimEnd('f') : Names.Pascal(part));
            }

            i += length;
        }

        return words.ToString();
    }

    /// <summary>PTX has names of ASCII alone.</summary>
    private static bool IsPartOfName(char character) =>
        character < 128 && (char.IsLetterOrDigit(character) || character == '_');
}
