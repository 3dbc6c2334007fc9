namespace Requant.Docs.Tests;

/// <summary>Places of the documentation where something is wrong.</summary>
internal static class Complaints
{
    /// <summary>Fails with all of them, a line each.</summary>
    public static void AssertNone(IEnumerable<string> complaints)
    {
        string[] all = [.. complaints];
        Assert.True(all.Length == 0, string.Join('\n', all));
    }
}
