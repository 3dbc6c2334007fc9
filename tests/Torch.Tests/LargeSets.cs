namespace Requant.Torch.Tests;

/// <summary>Sets of cases that take minutes: with the environment variable <c>REQUANT_LONG=1</c> alone.</summary>
internal static class LargeSets
{
    public static bool AreOn { get; } = Environment.GetEnvironmentVariable("REQUANT_LONG") == "1";
}
