namespace Requant.Ptx;

/// <summary>PTX that the interpreter does not know or that does what PTX does not define. The message names the line
/// and its text.</summary>
public sealed class PtxException : Exception
{
    internal PtxException(int line, string text, string problem)
        : base($"PTX line {line}, '{text}': {problem}")
    {
        Line = line;
        Text = text;
    }

    /// <summary>Line of the PTX text, from 1.</summary>
    public int Line { get; }

    /// <summary>The instruction or directive as written.</summary>
    public string Text { get; }
}
