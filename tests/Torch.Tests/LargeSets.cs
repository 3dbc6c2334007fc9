namespace Requant.Torch.Tests;

/// <summary>Sets of cases that take minutes.</summary>
internal static class LargeSets
{
    private const string Variable = "REQUANT_LARGE_SETS";

    public const string Reason = $"A large set, with {Variable}=1 alone.";

    public static bool AreOn => Environment.GetEnvironmentVariable(Variable) == "1";
}
