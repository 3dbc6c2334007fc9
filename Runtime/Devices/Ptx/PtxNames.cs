using System.Globalization;
using System.Text.RegularExpressions;

namespace Requant.Devices.Ptx;

/// <summary>Names in ILGPU's text. It numbers them by what it has compiled before, and a kernel's text has to be the
/// same each time.</summary>
internal static partial class PtxNames
{
    /// <summary>Numbers labels and variables by their places.</summary>
    public static string Renumber(string text)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (Match found in NumberedName().Matches(text))
        {
            string name = found.Groups["name"].Value;
            names.TryAdd(
                name, string.Create(CultureInfo.InvariantCulture, $"{name[..name.LastIndexOf('_')]}_{names.Count}"));
        }

        return AnyNumberedName().Replace(text, found => names.GetValueOrDefault(found.Value, found.Value));
    }

    /// <summary>Where a label or variable with a number is declared.</summary>
    [GeneratedRegex(@"^\s*(?:(?<name>\w+_\d+):|\.(?:param|shared|local)\b.*\s(?<name>\w+_\d+)(?:\[\d+\])?[,;]?)\s*$",
        RegexOptions.Multiline)]
    private static partial Regex NumberedName();

    [GeneratedRegex(@"\b[A-Za-z_]\w*_\d+\b")]
    private static partial Regex AnyNumberedName();
}
