namespace Requant.Ptx.Syntax;

/// <summary>Kinds of <see cref="Token"/>.</summary>
internal enum TokenKind
{
    /// <summary>Names, opcodes with their modifiers, directives with their point, registers with their
    /// percent sign.</summary>
    Word,

    /// <summary>Integer and float literals, without a sign.</summary>
    Number,

    /// <summary>One character of punctuation.</summary>
    Sign,

    /// <summary>The end of the text.</summary>
    End,
}

/// <summary>A piece of PTX.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">As written.</param>
/// <param name="Line">From 1.</param>
/// <param name="Start">First character in the text.</param>
internal readonly record struct Token(TokenKind Kind, string Text, int Line, int Start)
{
    public int Stop => Start + Text.Length;

    public bool Is(string text) => Kind != TokenKind.End && Text == text;
}
