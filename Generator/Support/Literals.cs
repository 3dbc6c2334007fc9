using System.Globalization;
using Microsoft.CodeAnalysis.CSharp;

namespace Requant.Generator.Support;

/// <summary>The one place where values become C# text.</summary>
internal static class Literals
{
    public static string Float(float value)
    {
        if (float.IsNaN(value))
        {
            return "float.NaN";
        }

        if (float.IsInfinity(value))
        {
            return value > 0 ? "float.PositiveInfinity" : "float.NegativeInfinity";
        }

        // Nine digits name every float32 exactly; fewer are nicer to read where they suffice.
        foreach (string format in new[] { "G6", "G7", "G8", "G9" })
        {
            string text = value.ToString(format, CultureInfo.InvariantCulture);
            if (BitConverter.ToInt32(BitConverter.GetBytes(float.Parse(text, CultureInfo.InvariantCulture)), 0)
                == BitConverter.ToInt32(BitConverter.GetBytes(value), 0))
            {
                return NegativeZeroSafe(value, text) + "f";
            }
        }

        throw new InvalidOperationException("Nine digits name every float32.");
    }

    /// <summary>A float32 as an operand: a negative one binds like a unary minus.</summary>
    public static (string Text, int Precedence) FloatOperand(double value)
    {
        string text = Float((float)value);
        return (text, text.StartsWith("-", StringComparison.Ordinal) ? 90 : 100);
    }

    public static string Double(double value) =>
        double.IsNaN(value) ? "double.NaN"
        : double.IsInfinity(value) ? value > 0 ? "double.PositiveInfinity" : "double.NegativeInfinity"
        : value.ToString("R", CultureInfo.InvariantCulture) + "d";

    public static string Int(int value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>Two digits, without a prefix.</summary>
    public static string HexByte(byte value) => value.ToString("x2", CultureInfo.InvariantCulture);

    public static string Bool(bool value) => value ? "true" : "false";

    public static string Text(string value) => SymbolDisplay.FormatLiteral(value, quote: true);

    private static string NegativeZeroSafe(float value, string text) =>
        value == 0f && 1f / value < 0f && !text.StartsWith("-", StringComparison.Ordinal) ? "-" + text : text;
}
