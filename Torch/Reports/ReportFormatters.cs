namespace Requant.Torch;

/// <summary>Tells .NET Interactive how a type is shown. It goes by the names of this attribute and of the members here,
/// so that a library needs no reference to it.</summary>
/// <param name="formatterSourceType">A type with a method <c>CreateTypeFormatters</c>.</param>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class TypeFormatterSourceAttribute(Type formatterSourceType) : Attribute
{
    /// <summary>A type with a method <c>CreateTypeFormatters</c>.</summary>
    public Type FormatterSourceType { get; } = formatterSourceType;
}

/// <summary>How a notebook shows an <see cref="OptimizerReport"/>.</summary>
internal sealed class ReportFormatters
{
#pragma warning disable CA1822 // Called by name on an instance.
    /// <summary>What shows it as HTML, and what as text.</summary>
    public IEnumerable<object> CreateTypeFormatters() =>
    [
        new Formatter("text/html", (report, writer) => ReportTable.Of(report).WriteHtml(writer)),
        new Formatter("text/plain", (report, writer) => writer.Write(report)),
    ];
#pragma warning restore CA1822

    private sealed class Formatter(string mimeType, Action<OptimizerReport, TextWriter> write)
    {
        public string MimeType { get; } = mimeType;

        public bool Format(object instance, TextWriter writer)
        {
            if (instance is not OptimizerReport report)
            {
                return false;
            }

            write(report, writer);
            return true;
        }
    }
}
