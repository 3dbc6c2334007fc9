using System.Globalization;

namespace Requant.Bench.Cpu;

/// <summary>A model of equal tensors.</summary>
/// <param name="Tensors">Tensors, at least 1.</param>
/// <param name="Elements">Elements of each, at least 1.</param>
internal sealed record ModelShape(int Tensors, int Elements)
{
    private const int Kilo = 1024;

    /// <summary>Elements of all tensors.</summary>
    public long Total => (long)Tensors * Elements;

    /// <summary>Reads a text like 200x80K; K is 1024 and M is 1024 * 1024.</summary>
    /// <returns>Null for any other text.</returns>
    public static ModelShape? Parse(string text) =>
        text.Split('x') is [string tensors, string elements]
        && Number(tensors) is { } count
        && Number(elements) is { } length
            && (long)count * length <= int.MaxValue
            ? new ModelShape(count, length)
            : null;

    /// <inheritdoc/>
    public override string ToString() => $"{Short(Tensors)}x{Short(Elements)}";

    private static int? Number(string text)
    {
        int unit = text switch
        {
            [.., 'K'] => Kilo,
            [.., 'M'] => Kilo * Kilo,
            _ => 1,
        };
        return int.TryParse(
            unit == 1 ? text : text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            && number > 0 && (long)number * unit <= int.MaxValue
            ? number * unit
            : null;
    }

    private static string Short(int number) => string.Create(CultureInfo.InvariantCulture, $"{(
        number % (Kilo * Kilo) == 0 ? number / (Kilo * Kilo) : number % Kilo == 0 ? number / Kilo : number)}{(
        number % (Kilo * Kilo) == 0 ? "M" : number % Kilo == 0 ? "K" : "")}");
}
