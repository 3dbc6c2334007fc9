using System.Reflection;

namespace Requant.Cli.Rules;

/// <summary>The rules of one assembly, ordered by name without regard to case.</summary>
internal sealed class RuleCatalog
{
    private readonly string _assembly;

    private RuleCatalog(string assembly, IReadOnlyList<RuleEntry> rules)
    {
        _assembly = assembly;
        Rules = rules;
    }

    /// <summary>At least one.</summary>
    public IReadOnlyList<RuleEntry> Rules { get; }

    /// <summary>Finds the rules of an assembly.</summary>
    /// <param name="path">Its DLL, or null for Requant's own optimizers.</param>
    /// <exception cref="CommandException">It cannot be loaded, or has no rules.</exception>
    public static RuleCatalog Load(string? path)
    {
        Assembly optimizers = typeof(Optimizers.Adam).Assembly;
        return Create(path is null
            ? new LoadedTypes(optimizers.GetName().Name!, optimizers.GetTypes(), Problem: null)
            : RuleAssembly.Load(path));
    }

    private static RuleCatalog Create(LoadedTypes loaded)
    {
        RuleEntry[] rules;
        try
        {
            rules = [.. loaded.Types.Where(RuleEntry.IsRule).Select(RuleEntry.Create)
                .OrderBy(rule => rule.FullName, StringComparer.OrdinalIgnoreCase)];
        }
        catch (Exception failure)
            when (failure is TypeLoadException or MissingMemberException or TypeInitializationException or IOException)
        {
            throw new CommandException(
                $"The rules of '{loaded.Name}' do not fit this tool: {failure.Message} Build them against Requant "
                + $"{typeof(RuleInfo).Assembly.GetName().Version?.ToString(3)}, or use the tool of their version.",
                failure);
        }

        return rules.Length > 0
            ? new RuleCatalog(loaded.Name, rules)
            : throw new CommandException(loaded.Problem is null
                ? $"Assembly '{loaded.Name}' has no rules. A rule is a static method marked [OptimizerRule] in a "
                    + "project that references Requant.Generator as an analyzer."
                : $"Assembly '{loaded.Name}' has no rules that can be loaded: {loaded.Problem} Put the assemblies it "
                    + "needs beside it.");
    }

    /// <summary>The rule of a name, compared without case; an exact match wins.</summary>
    /// <param name="name">With or without namespace.</param>
    /// <exception cref="CommandException">None or several have it.</exception>
    public RuleEntry Find(string name)
    {
        RuleEntry[] found = Match(name, StringComparison.Ordinal);
        if (found.Length == 0)
        {
            found = Match(name, StringComparison.OrdinalIgnoreCase);
        }

        return found switch
        {
            [RuleEntry only] => only,
            [] => throw new CommandException(
                $"There is no rule '{name}' in {_assembly}.{Suggestion.For(name, Rules.Select(ShortestName))} "
                + $"It has {string.Join(", ", Rules.Select(ShortestName))}. Rules of your own are found with "
                + "--assembly DLL."),
            _ => throw new CommandException(
                $"'{name}' is the name of several rules of {_assembly}; "
                + $"give one of {string.Join(", ", found.Select(rule => rule.FullName))}."),
        };
    }

    /// <summary>The name that finds the rule: with its namespace only where another has the same.</summary>
    public string ShortestName(RuleEntry rule) =>
        Match(rule.Type.Name, StringComparison.OrdinalIgnoreCase).Length > 1 ? rule.FullName : rule.Type.Name;

    private RuleEntry[] Match(string name, StringComparison comparison) =>
        [.. Rules.Where(rule => rule.FullName.Equals(name, comparison) || rule.Type.Name.Equals(name, comparison))];
}
