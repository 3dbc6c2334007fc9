using System.Globalization;

namespace Requant.Torch;

/// <summary>Names of parameters that were given none: <c>parameter 0</c> and so on.</summary>
internal static class GeneratedName
{
    private const string Prefix = "parameter ";

    /// <summary>The name of the optimizer's parameter of this index.</summary>
    public static string Of(int index) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{index}");

    public static bool Is(string name) => name.StartsWith(Prefix, StringComparison.Ordinal)
        && int.TryParse(name.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out _);
}
