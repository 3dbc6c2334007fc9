using System.Globalization;

namespace Requant.Distributed.Tests;

/// <summary>How often a rank is killed in each of the ways: once, or as often as the environment variable REQUANT_KILLS
/// says. Each takes some seconds.</summary>
internal static class KillCount
{
    public static int Value { get; } = Environment.GetEnvironmentVariable("REQUANT_KILLS") is string count
        ? int.Parse(count, CultureInfo.InvariantCulture)
        : 1;
}
