using System.Text.RegularExpressions;

namespace Requant.Cli.Output;

/// <summary>What a part of a listing is.</summary>
internal enum TokenKind
{
    Plain,
    Comment,
    Text,
    Number,
    Keyword,
    Type,
    Function,
    Register,
}

/// <summary>Splits a listing into coloured parts; the groups of its pattern are named as
/// <see cref="TokenKind"/>s.</summary>
internal sealed partial class Grammar
{
    private static readonly Grammar CSharp = new(CSharpTokens());
    private static readonly Grammar Ir = new(IrTokens());
    private static readonly Grammar Ptx = new(PtxTokens());
    private static readonly Grammar Asm = new(AsmTokens());
    private static readonly Grammar Xml = new(XmlTokens());

    private readonly (TokenKind Kind, int Group)[] _groups;
    private readonly Regex _tokens;

    private Grammar(Regex tokens)
    {
        _tokens = tokens;
        _groups = [.. Enum.GetValues<TokenKind>()
            .Select(kind => (kind, tokens.GroupNumberFromName(kind.ToString())))
            .Where(pair => pair.Item2 > 0)];
    }

    /// <summary>The grammar of a kind of listing.</summary>
    /// <param name="listing">ir, rule, scalar, simd, ilgpu, ptx, asm, csharp or xml.</param>
    public static Grammar For(string listing) => listing switch
    {
        "ir" => Ir,
        "ptx" => Ptx,
        "asm" => Asm,
        "xml" => Xml,
        _ => CSharp,
    };

    /// <summary>The parts of <paramref name="code"/>, which together are the whole.</summary>
    public IEnumerable<(string Text, TokenKind Kind)> Split(string code)
    {
        int end = 0;
        foreach (Match match in _tokens.Matches(code))
        {
            if (match.Index > end)
            {
                yield return (code[end..match.Index], TokenKind.Plain);
            }

            yield return (match.Value, Array.Find(_groups, pair => match.Groups[pair.Group].Success).Kind);
            end = match.Index + match.Length;
        }

        if (end < code.Length)
        {
            yield return (code[end..], TokenKind.Plain);
        }
    }

    [GeneratedRegex("""
        (?<Comment>//[^\n]*) |
        (?<Text>"(\\.|[^"\\\n])*") |
        (?<Keyword>^[ ]*\#[^\n]* | \b(abstract|as|bool|break|byte|case|class|const|continue|default|delegate|double|else|enum|
            false|float|for|foreach|get|if|in|init|int|interface|internal|is|long|nameof|namespace|new|nuint|nint|null|out|
            partial|private|public|readonly|record|ref|return|sealed|static|string|struct|switch|this|throw|true|typeof|uint|
            ulong|unsafe|using|var|void|when|where|while|with)\b) |
        (?<Number>\b(0x[0-9a-fA-F]+|[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?)[fFdDuUlL]*\b) |
        (?<Function>\b[A-Za-z_]\w*(?=(<[\w,. ]+>)?\()) |
        (?<Type>\b[A-Z]\w*\b)
        """, RegexOptions.ExplicitCapture | RegexOptions.Multiline | RegexOptions.IgnorePatternWhitespace
            | RegexOptions.CultureInvariant)]
    private static partial Regex CSharpTokens();

    [GeneratedRegex("""
        (?<Comment>;[^\n]*) |
        (?<Register>%[0-9]+\b) |
        (?<Keyword>^(rule|uniform|kernel)\b) |
        (?<Type>(?<=:[ ])(float|int|bool)\b) |
        (?<Function>(?<=^%[0-9]+[ ]=[ ])[a-zA-Z][\w.]*) |
        (?<Number>(?<![\w.])-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?f?\b)
        """, RegexOptions.ExplicitCapture | RegexOptions.Multiline | RegexOptions.IgnorePatternWhitespace
            | RegexOptions.CultureInvariant)]
    private static partial Regex IrTokens();

    [GeneratedRegex("""
        (?<Comment>//[^\n]*) |
        (?<Register>%[a-zA-Z_][\w.]*) |
        (?<Keyword>(?<![\w.])\.[a-z]\w*) |
        (?<Function>(?<=^\s*(@!?%\w+\s+)?)[a-z][a-z0-9_]*(\.\w+)*(?=[\s;])) |
        (?<Type>^\s*[$\w]+:) |
        (?<Number>\b(0[xXfF][0-9a-fA-F]+|[0-9]+(\.[0-9]+)?)\b)
        """, RegexOptions.ExplicitCapture | RegexOptions.Multiline | RegexOptions.IgnorePatternWhitespace
            | RegexOptions.CultureInvariant)]
    private static partial Regex PtxTokens();

    [GeneratedRegex("""
        (?<Comment>;[^\n]*) |
        (?<Type>^\w+:) |
        (?<Keyword>\b([bdgqtxyz]?(mm)?word|byte|ptr|SHORT)\b) |
        (?<Register>\b([xyz]mm[0-9]+|k[0-7]|[re]?[abcd]x|[abcd][hl]|[re]?[sd]il?|[re]?[sb]p|r[0-9]+[dwb]?|[vqdswx][0-9]+)\b) |
        (?<Function>(?<=^[ ]+)[a-z]\w*\b) |
        (?<Number>\b(0x[0-9a-fA-F]+|[0-9][0-9a-fA-F]*h|[0-9]+)\b)
        """, RegexOptions.ExplicitCapture | RegexOptions.Multiline | RegexOptions.IgnorePatternWhitespace
            | RegexOptions.CultureInvariant)]
    private static partial Regex AsmTokens();

    [GeneratedRegex("""
        (?<Comment><!--.*?-->) |
        (?<Text>"[^"\n]*") |
        (?<Keyword></?[\w.]+ | /?>) |
        (?<Type>\b[\w.]+(?==))
        """, RegexOptions.ExplicitCapture | RegexOptions.Singleline | RegexOptions.IgnorePatternWhitespace
            | RegexOptions.CultureInvariant)]
    private static partial Regex XmlTokens();
}
