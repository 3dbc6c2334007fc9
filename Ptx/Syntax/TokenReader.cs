using System.Globalization;

namespace Requant.Ptx.Syntax;

/// <summary>A position in the tokens of a text.</summary>
internal sealed class TokenReader(string text)
{
    private readonly List<Token> _tokens = Lexer.Read(text);
    private int _at;

    public Token Next => _tokens[_at];

    public bool IsAtEnd => Next.Kind == TokenKind.End;

    /// <summary>The token after the next one.</summary>
    public Token Second => _tokens[Math.Min(_at + 1, _tokens.Count - 1)];

    public Token Take()
    {
        Token token = Next;
        if (token.Kind != TokenKind.End)
        {
            _at++;
        }

        return token;
    }

    public bool TryTake(string expected)
    {
        if (!Next.Is(expected))
        {
            return false;
        }

        _at++;
        return true;
    }

    public Token Expect(string expected)
    {
        Token token = Take();
        return token.Is(expected) ? token : throw Error(token, $"'{expected}' is expected here.");
    }

    public string ExpectWord()
    {
        Token token = Take();
        return token.Kind == TokenKind.Word ? token.Text : throw Error(token, "a name is expected here.");
    }

    /// <summary>A size, count or alignment.</summary>
    public int ExpectCount()
    {
        Token token = Take();
        return int.TryParse(token.Text, NumberStyles.None, CultureInfo.InvariantCulture, out int count)
            ? count
            : throw Error(token, "a decimal number is expected here.");
    }

    /// <summary>The text from a token up to the next one, in one line.</summary>
    public string TextSince(Token first) =>
        string.Join(' ', text[first.Start..Next.Start].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    public static PtxException Error(Token token, string problem) =>
        new(token.Line, token.Kind == TokenKind.End ? "(end of text)" : token.Text, problem);
}
