namespace Requant.Ptx.Syntax;

/// <summary>Cuts PTX into tokens and drops comments.</summary>
internal static class Lexer
{
    private const string Signs = ",;:{}[]()<>@!|+-=";

    public static List<Token> Read(string text)
    {
        var tokens = new List<Token>();
        int line = 1;
        int at = 0;
        while (at < text.Length)
        {
            char character = text[at];
            if (character == '\n')
            {
                line++;
                at++;
            }
            else if (char.IsWhiteSpace(character))
            {
                at++;
            }
            else if (Starts(text, at, "//"))
            {
                int end = text.IndexOf('\n', at);
                at = end < 0 ? text.Length : end;
            }
            else if (Starts(text, at, "/*"))
            {
                int end = text.IndexOf("*/", at + 2, StringComparison.Ordinal);
                end = end < 0 ? throw new PtxException(line, "/*", "the comment does not end.") : end + 2;
                line += text.AsSpan(at, end - at).Count('\n');
                at = end;
            }
            else
            {
                Token token = Next(text, at, line);
                tokens.Add(token);
                at = token.Stop;
            }
        }

        tokens.Add(new Token(TokenKind.End, "", line, text.Length));
        return tokens;
    }

    private static Token Next(string text, int start, int line)
    {
        char first = text[start];
        if (Signs.Contains(first))
        {
            return new Token(TokenKind.Sign, first.ToString(), line, start);
        }

        if (!IsWord(first))
        {
            throw new PtxException(line, first.ToString(), "PTX does not use this character.");
        }

        int end = start;
        while (end < text.Length && IsWord(text[end]))
        {
            end++;
        }

        TokenKind kind = char.IsAsciiDigit(first) ? TokenKind.Number : TokenKind.Word;
        return new Token(kind, text[start..end], line, start);
    }

    private static bool IsWord(char character) =>
        char.IsAsciiLetterOrDigit(character) || character is '_' or '$' or '%' or '.';

    private static bool Starts(string text, int at, string what) =>
        string.CompareOrdinal(text, at, what, 0, what.Length) == 0;
}
