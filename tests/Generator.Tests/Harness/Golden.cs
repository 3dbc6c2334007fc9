using Requant.Generator.Emit.Shared;
using Xunit;

namespace Requant.Generator.Tests.Harness;

/// <summary>Compares a text with the one that was accepted before.</summary>
internal static class Golden
{
    private const string Generator = "\"Requant.Generator\", \"VERSION\"";
    private const string AcceptVariable = "REQUANT_ACCEPT_GOLDENS";

    /// <summary>Fails and leaves <c>NAME.received.txt</c> beside the golden if the text differs.</summary>
    /// <param name="name">File name without extension.</param>
    /// <param name="text">What was produced.</param>
    public static void Check(string name, string text)
    {
        // A golden is the same in each version.
        text = text.Replace($"\"Requant.Generator\", \"{FileText.Version}\"", Generator, StringComparison.Ordinal);
        string verified = Path.Combine(Repository.Goldens, name + ".verified.txt");
        string received = Path.Combine(Repository.Goldens, name + ".received.txt");
        string expected = File.Exists(verified) ? File.ReadAllText(verified).ReplaceLineEndings("\n") : "";
        if (text == expected)
        {
            File.Delete(received);
            return;
        }

        if (Environment.GetEnvironmentVariable(AcceptVariable) == "1")
        {
            File.WriteAllText(verified, text);
            File.Delete(received);
            return;
        }

        File.WriteAllText(received, text);
        Assert.Fail(
            $"""
            {name} is not what was accepted; {FirstDifference(expected, text)}
            Compare:  git diff --no-index {verified} {received}
            Accept:   {AcceptVariable}=1 dotnet run -c Release --project tests/Generator.Tests
            """);
    }

    private static string FirstDifference(string expected, string actual)
    {
        string[] old = expected.Split('\n');
        string[] now = actual.Split('\n');
        int line = 0;
        while (line < old.Length && line < now.Length && old[line] == now[line])
        {
            line++;
        }

        return $"line {line + 1} was '{old.ElementAtOrDefault(line)}' and is '{now.ElementAtOrDefault(line)}'.";
    }
}
