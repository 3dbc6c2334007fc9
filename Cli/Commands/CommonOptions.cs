using System.CommandLine;
using Requant.Cli.Rules;

namespace Requant.Cli.Commands;

/// <summary>Options that several commands have.</summary>
internal static class CommonOptions
{
    public static Option<string?> Assembly() => new("--assembly")
    {
        HelpName = "DLL",
        Description = "A compiled assembly with rules of your own; Requant's optimizers when not given.",
    };

    public static Option<StateCodecs?> Codecs() => OneOf<StateCodecs>(
        "--codecs", "How states are stored in kernels; as the rule declares when not given.", Lower<StateCodecs>());

    public static Option<StateRounding?> Rounding() => OneOf<StateRounding>(
        "--rounding", "How states are rounded in PTX; as the rule declares when not given.", Lower<StateRounding>());

    /// <summary>An option that takes the names of an enumeration, in any case.</summary>
    public static Option<T?> OneOf<T>(string name, string description, string[] names)
        where T : struct, Enum
    {
        var option = new Option<T?>(name)
        {
            HelpName = string.Join('|', names),
            Description = description,
            CustomParser = result =>
            {
                string given = result.Tokens[0].Value;
                if (names.Contains(given, StringComparer.OrdinalIgnoreCase))
                {
                    return Enum.Parse<T>(given, ignoreCase: true);
                }

                result.AddError(
                    $"{name} takes {string.Join(", ", names)}, and was given '{given}'.{Suggestion.For(given, names)}");
                return null;
            },
        };
        option.CompletionSources.Clear();
        option.CompletionSources.Add(names);
        return option;
    }

    private static string[] Lower<T>()
        where T : struct, Enum => [.. Enum.GetNames<T>().Select(name => name.ToLowerInvariant())];
}
