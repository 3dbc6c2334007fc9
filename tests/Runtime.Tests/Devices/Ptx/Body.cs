using Requant.Devices.Ptx;

namespace Requant.Runtime.Tests.Devices.Ptx;

/// <summary>Small kernels that are rewritten.</summary>
internal static class Body
{
    private const string Head = """
        .version 7.8
        .target sm_80
        .visible .entry k(.param .align 8 .b8 p[16])
        {
        .reg .pred %p<9>; .reg .b32 %r<9>; .reg .b64 %rd<9>; .reg .f32 %f<9>;
        """;

    /// <summary>Fails unless an exact kernel's body becomes another one.</summary>
    public static void AssertExact(string body, string expected) => Assert.Equal(Lines(expected), Rewrite(body));

    /// <summary>Fails unless an exact kernel's body stays.</summary>
    public static void AssertUnchanged(string body) => AssertExact(body, body);

    /// <summary>Fails unless a body for an architecture stays.</summary>
    public static void AssertUnchanged(string body, string architecture) =>
        Assert.Equal(Lines(body), Rewrite(body, architecture));

    /// <summary>Fails unless a body of a kernel for devices becomes another one.</summary>
    public static void AssertDevice(string body, string expected) => Assert.Equal(Lines(expected), RewriteDevice(body));

    /// <summary>The lines that a body of a kernel for devices becomes.</summary>
    public static string[] RewriteDevice(string body, string architecture = "sm_90") =>
        Rewrite(body, device: architecture);

    /// <summary>Fails if an exact kernel's body comes to have a word.</summary>
    public static void AssertWithout(string word, string body) =>
        Assert.DoesNotContain(Rewrite(body), line => line.Contains(word, StringComparison.Ordinal));

    private static string[] Rewrite(string body, string architecture = "sm_80", string? device = null)
    {
        string head = Head.Replace("sm_80", architecture, StringComparison.Ordinal);
        string text = $"{head}\n{body}\nret;\n}}\n";
        string[] lines = Lines(PtxRewriter.Rewrite(text, device));
        int count = Lines(head).Length;
        Assert.Equal(Lines(head), lines[..count]);
        Assert.Equal("}", lines[^1]);
        return lines[^2] == "ret;" ? lines[count..^2] : lines[count..^1];
    }

    private static string[] Lines(string text) =>
        [.. text.Split('\n').Select(line => line.Replace('\t', ' ').Trim()).Where(line => line.Length > 0)];
}
