using System.Globalization;
using Requant.Tests;

namespace Requant.Generator.Tests.Harness;

/// <summary>How many random cases a test tries.</summary>
internal static class RandomCount
{
    /// <summary>The program's option for the number of cases.</summary>
    public const string Option = "--count";

    private const string Variable = "REQUANT_RANDOM_COUNT";

    /// <summary>What the option or the environment asks for, or the number of a usual or a long run.</summary>
    public static int Of(int usual, int all) =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : LongRun.Of(usual, all);

    /// <summary>Asks for a number of cases, 1 or more; false if <paramref name="text"/> is none.</summary>
    public static bool TrySet(string? text)
    {
        bool isCount = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count > 0;
        if (isCount)
        {
            Environment.SetEnvironmentVariable(Variable, text);
        }

        return isCount;
    }
}
