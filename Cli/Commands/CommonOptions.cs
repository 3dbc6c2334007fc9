using System.CommandLine;

namespace Requant.Cli.Commands;

/// <summary>Options that several commands have.</summary>
internal static class CommonOptions
{
    public static Option<string?> Assembly() => new("--assembly")
    {
        HelpName = "DLL",
        Description = "A compiled assembly with rules of your own; Requant's optimizers when not given.",
    };
}
