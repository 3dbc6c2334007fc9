using System.Collections.Immutable;

namespace Requant.Devices.Ptx;

/// <summary>One line of a PTX body, taken apart into what ILGPU writes: a label, or one instruction.</summary>
internal sealed class PtxLine
{
    private string[]? _results;
    private string[]? _sources;

    private PtxLine(string text) => Text = text;

    /// <summary>The line as written, for those that are neither label nor instruction.</summary>
    public string Text { get; }

    /// <summary>Name of the label, or null.</summary>
    public string? Label { get; private init; }

    /// <summary>The guard without its <c>@</c>, as in <c>!%p1</c>, or null.</summary>
    public string? Guard
    {
        get;
        set => (field, _sources) = (value, null);
    }

    /// <summary>Opcode with modifiers, or an empty text where there is no instruction.</summary>
    public string Opcode
    {
        get;
        set => (field, Name, _results, _sources) = (value, value.Split('.')[0], null, null);
    } = "";

    /// <summary>Operands as written; a vector in braces and an address in brackets are one each.</summary>
    public string[] Operands
    {
        get;
        set => (field, _results, _sources) = (value, null, null);
    } = [];

    /// <summary>The registers that it writes, where its guard holds.</summary>
    public string[] Results => _results ??= [.. PtxOpcode.Results(this)];

    /// <summary>The registers that it reads.</summary>
    public string[] Sources => _sources ??= [.. PtxOpcode.Sources(this)];

    /// <summary>Whether it is an instruction.</summary>
    public bool IsInstruction => Opcode.Length > 0;

    /// <summary>Lines of the kernel's generated C# that it comes from, where they were asked for.</summary>
    public ImmutableSortedSet<int> Origins { get; set; } = [];

    /// <summary>Whether they are those of an instruction before it.</summary>
    public bool IsOriginInherited { get; set; }

    /// <summary>What the opcode begins with: <c>add</c> of <c>add.rn.f32</c>.</summary>
    public string Name { get; private set; } = "";

    /// <summary>A new instruction without a guard.</summary>
    public static PtxLine Instruction(string opcode, params string[] operands) =>
        new("") { Opcode = opcode, Operands = operands };

    /// <summary>Takes a line apart.</summary>
    /// <returns>Null where it is none of blank, directive, label and instruction.</returns>
    public static PtxLine? Parse(string line)
    {
        string text = line.Trim();
        if (text.Length == 0 || text[0] == '.')
        {
            return new PtxLine(line);
        }

        if (text[^1] == ':' && IsName(text[..^1]))
        {
            return new PtxLine(line) { Label = text[..^1] };
        }

        return text[^1] == ';' ? ParseInstruction(line, text[..^1].TrimEnd()) : null;
    }

    /// <summary>The line as it is written to a file.</summary>
    public override string ToString()
    {
        if (!IsInstruction)
        {
            return Text;
        }

        string guard = Guard is null ? "" : $"@{Guard} ";
        return Operands.Length == 0 ? $"\t{guard}{Opcode};" : $"\t{guard}{Opcode}\t{string.Join(", ", Operands)};";
    }

    private static PtxLine? ParseInstruction(string line, string text)
    {
        string? guard = null;
        if (text[0] == '@')
        {
            int end = IndexOfBlank(text);
            guard = text[1..end];
            text = text[end..].TrimStart();
            if (!PtxOperand.IsRegister(guard.TrimStart('!')))
            {
                return null;
            }
        }

        int blank = IndexOfBlank(text);
        string opcode = text[..blank];
        string[]? operands = SplitOperands(text[blank..].Trim());
        return operands is null || !IsName(opcode.Replace('.', '_'))
            ? null
            : new PtxLine(line) { Guard = guard, Opcode = opcode, Operands = operands };
    }

    private static int IndexOfBlank(string text)
    {
        int index = text.AsSpan().IndexOfAny(' ', '\t');
        return index < 0 ? text.Length : index;
    }

    /// <summary>Null where brackets or braces do not match, or something follows a <c>;</c>.</summary>
    private static string[]? SplitOperands(string text)
    {
        var operands = new List<string>();
        int start = 0;
        int depth = 0;
        for (int i = 0; i < text.Length; i++)
        {
            depth += text[i] switch { '{' or '[' => 1, '}' or ']' => -1, _ => 0 };
            if (depth is < 0 or > 1 || text[i] is ';' or '"' or '(' or '|' or '/')
            {
                return null;
            }

            if (text[i] == ',' && depth == 0)
            {
                operands.Add(text[start..i].Trim());
                start = i + 1;
            }
        }

        if (text.Length > 0)
        {
            operands.Add(text[start..].Trim());
        }

        return depth == 0 && !operands.Contains("") ? [.. operands] : null;
    }

    private static bool IsName(string text) =>
        text.Length > 0 && text.All(one => char.IsAsciiLetterOrDigit(one) || one is '_' or '$');
}
