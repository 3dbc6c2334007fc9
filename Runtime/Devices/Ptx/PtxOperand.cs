using System.Globalization;

namespace Requant.Devices.Ptx;

/// <summary>Reads and changes operands.</summary>
internal static class PtxOperand
{
    /// <summary>Registers that PTX itself sets, which keep their value while a thread runs.</summary>
    private static readonly HashSet<string> Fixed =
    [
        "%tid.x", "%tid.y", "%tid.z", "%ntid.x", "%ntid.y", "%ntid.z", "%ctaid.x", "%ctaid.y", "%ctaid.z",
        "%nctaid.x", "%nctaid.y", "%nctaid.z", "%laneid",
    ];

    /// <summary>Whether it is a register of the kernel, as <c>%rd12</c>: letters and a number.</summary>
    public static bool IsRegister(string operand)
    {
        if (operand.Length <= 2 || operand[0] != '%' || !char.IsAsciiDigit(operand[^1]))
        {
            return false;
        }

        int end = EndOfClass(operand);
        return end > 1 && operand.AsSpan(end).IndexOfAnyExceptInRange('0', '9') < 0;
    }

    /// <summary>Whether it is the same each time that a thread reads it: a constant, the address of a variable, or a
    /// register such as <c>%tid.x</c>.</summary>
    public static bool IsFixed(string operand) =>
        operand[0] == '%' ? Fixed.Contains(operand) : operand[0] is not ('[' or '{');

    /// <summary>What kind of register it is: <c>rd</c> of <c>%rd12</c>.</summary>
    public static string ClassOf(string register) => register[1..EndOfClass(register)];

    private static int EndOfClass(string register)
    {
        int end = 1;
        while (end < register.Length && char.IsAsciiLetter(register[end]))
        {
            end++;
        }

        return end;
    }

    /// <summary>The registers that an operand names.</summary>
    public static IEnumerable<string> Registers(string operand) => operand[0] switch
    {
        '{' => operand[1..^1].Split(',').Select(part => part.Trim()).Where(IsRegister),
        '[' => TryAddress(operand, out string register, out _) && IsRegister(register) ? [register] : [],
        _ => IsRegister(operand) ? [operand] : [],
    };

    /// <summary>The operand with other registers.</summary>
    public static string Replace(string operand, Func<string, string> replace)
    {
        if (operand[0] == '{')
        {
            return $"{{{string.Join(", ", operand[1..^1].Split(',').Select(part => Replace(part.Trim(), replace)))}}}";
        }

        if (operand[0] == '[' && TryAddress(operand, out string register, out long offset) && IsRegister(register))
        {
            return Address(replace(register), offset);
        }

        return IsRegister(operand) ? replace(operand) : operand;
    }

    /// <summary>Takes <c>[base]</c> or <c>[base+12]</c> apart.</summary>
    public static bool TryAddress(string operand, out string register, out long offset)
    {
        string inner = operand[1..^1].Trim();
        int plus = inner.IndexOf('+', StringComparison.Ordinal);
        register = plus < 0 ? inner : inner[..plus].Trim();
        offset = 0;
        return plus < 0 || TryInteger(inner[(plus + 1)..].Trim(), out offset);
    }

    /// <summary>An address operand.</summary>
    public static string Address(string register, long offset) =>
        offset == 0 ? $"[{register}]" : string.Create(CultureInfo.InvariantCulture, $"[{register}+{offset}]");

    /// <summary>Reads a decimal integer.</summary>
    public static bool TryInteger(string operand, out long value) =>
        long.TryParse(operand, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);
}
