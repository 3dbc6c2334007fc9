using System.CommandLine;
using System.Globalization;

namespace Requant.Bench.Codebooks;

/// <summary><c>bench -- codebooks</c>: the values of every codec and the error of its nearest codes, as a table and,
/// with <c>--plot</c>, as pictures.</summary>
internal static class CodebooksCommand
{
    /// <summary>Magnitudes at which the table says how far the nearest code may be.</summary>
    private static readonly float[] Places = [1f, 1e-1f, 1e-2f, 1e-3f, 1e-4f, 1e-6f];

    public static Command Create()
    {
        var plot = new Option<DirectoryInfo>("--plot")
        {
            Description = "A folder for codec-values.png, codec-error-signed.png and codec-error-unsigned.png.",
        };
        plot.AcceptExistingOnly();
        var command = new Command("codebooks", "Values of the codecs, and how far the nearest one may be.") { plot };
        command.SetAction(result =>
        {
            Print(Console.Out);
            if (result.GetValue(plot) is DirectoryInfo folder)
            {
                CodebookPlot.SaveAll(folder.FullName);
            }

            return 0;
        });
        return command;
    }

    private static void Print(TextWriter output)
    {
        IEnumerable<string> places =
            Places.Select(place => string.Create(CultureInfo.InvariantCulture, $"{place:0.######}"));
        output.WriteLine($"| codec | values | smallest | error at {string.Join(" | ", places)} |");
        output.WriteLine($"|---|---:|---:|{string.Concat(Places.Select(_ => "---:|"))}");
        foreach (Codec codec in CodecError.Quantized)
        {
            Codebook codebook = Codebook.For(codec);
            string errors = string.Join(" | ", Places.Select(place => Percent(CodecError.Near(codebook, place))));
            float smallest = codebook.Values.ToArray().Where(value => value > 0f).Min();
            int values = codebook.Values.ToArray().Distinct().Count();
            output.WriteLine(
                string.Create(CultureInfo.InvariantCulture, $"| `{codec}` | {values} | {smallest:0.0e0} | {errors} |"));
        }
    }

    private static string Percent(double error) => error >= 1
        ? "lost"
        : string.Create(CultureInfo.InvariantCulture, $"{100 * error:0.0} %");
}
