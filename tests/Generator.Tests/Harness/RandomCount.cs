using System.Globalization;

namespace Requant.Generator.Tests.Harness;

/// <summary>How many random cases a test tries.</summary>
internal static class RandomCount
{
    private const string Variable = "REQUANT_RANDOM_COUNT";

    /// <summary>What the environment asks for, or the usual number.</summary>
    public static int Of(int usual) =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : usual;
}
