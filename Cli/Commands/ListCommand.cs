using System.CommandLine;
using System.Globalization;
using Requant.Cli.Output;
using Requant.Cli.Rules;

namespace Requant.Cli.Commands;

/// <summary><c>requant list</c>: the rules of an assembly, one a row.</summary>
internal static class ListCommand
{
    public static Command Create(Terminal terminal)
    {
        Option<string?> assembly = CommonOptions.Assembly();
        var command = new Command("list", "Lists the rules of an assembly: states, memory, phases and hyperparameters.")
        {
            assembly,
        };
        command.SetAction(parsed => Run(RuleCatalog.Load(parsed.GetValue(assembly)), terminal));
        return command;
    }

    private static int Run(RuleCatalog catalog, Terminal terminal)
    {
        var table = new TextTable("Rule", "States", "State bytes per parameter", "Phases", "Hyperparameters");
        foreach (RuleEntry rule in catalog.Rules)
        {
            RuleInfo info = rule.Info;
            table.Add(
                new Cell(catalog.ShortestName(rule), Tone.Name),
                new Cell(string.Join(", ", info.States.Select((state, index) =>
                    IsInUse(rule, index) ? Describe(state, info.BlockSize) : $"({Describe(state, info.BlockSize)})"))),
                new Cell(info.States.Where((_, index) => IsInUse(rule, index))
                    .Sum(state => BytesPerParameter(state, info.BlockSize))
                    .ToString("0.###", CultureInfo.InvariantCulture)),
                new Cell(info.PhaseCount.ToString(CultureInfo.InvariantCulture)),
                new Cell(string.Join(", ", info.Hyperparameters.Select(Describe))));
        }

        terminal.Write(table);
        return ExitCodes.Done;
    }

    /// <summary>Whether default hyperparameters need a state, of a matrix; one that they do not need stands in
    /// parentheses.</summary>
    private static bool IsInUse(RuleEntry rule, int state) => (rule.DefaultStatesInUse & (1 << state)) != 0;

    /// <summary>One byte of code and the element's share of the block's absmax. That of a row is next to
    /// nothing.</summary>
    private static double BytesPerParameter(StateInfo state, int blockSize) =>
        state.Level != StateLevel.Element ? 0
        : state.Codec == Codec.Float32 ? sizeof(float) : 1 + ((double)sizeof(float) / blockSize);

    private static string Describe(StateInfo state, int blockSize)
    {
        string rounding = state.Rounding == StateRounding.Stochastic ? " stochastic" : "";
        return state.Codec == Codec.Float32
            ? $"{state.Name}:Float32"
                + (state.Level == StateLevel.Element ? "" : $"/{state.Level.ToString().ToLowerInvariant()}")
            : $"{state.Name}:{state.Codec}/{blockSize}{rounding}";
    }

    private static string Describe(HyperparameterInfo hyperparameter)
    {
        string value = hyperparameter.Kind switch
        {
            HyperparameterKind.Bool => hyperparameter.DefaultValue != 0 ? "true" : "false",
            HyperparameterKind.Int => ((int)hyperparameter.DefaultValue).ToString(CultureInfo.InvariantCulture),
            _ => ((float)hyperparameter.DefaultValue).ToString(CultureInfo.InvariantCulture)
                .Replace("E-0", "e-", StringComparison.Ordinal)
                .Replace('E', 'e'),
        };
        return $"{hyperparameter.Name}={value}";
    }
}
