using Spectre.Console;

namespace Requant.Cli.Output;

/// <summary>Colours of the 16 that every terminal's theme keeps readable.</summary>
internal static class Palette
{
    public static Style Of(Tone tone) => tone switch
    {
        Tone.Name => new Style(Color.Aqua),
        Tone.Good => new Style(Color.Green),
        Tone.Warning => new Style(Color.Olive),
        Tone.Bad => new Style(Color.Red),
        _ => Style.Plain,
    };

    public static Style Of(TokenKind kind) => kind switch
    {
        TokenKind.Comment => new Style(Color.Green),
        TokenKind.Text => new Style(Color.Maroon),
        TokenKind.Number => new Style(Color.Olive),
        TokenKind.Keyword => new Style(Color.Blue),
        TokenKind.Type => new Style(Color.Teal),
        TokenKind.Function => new Style(Color.Purple),
        TokenKind.Register => new Style(Color.Teal),
        _ => Style.Plain,
    };
}
