using System.Collections.Concurrent;
using System.Globalization;
using Scriban;
using Scriban.Runtime;

namespace Requant.Generator.Emit.Shared;

/// <summary>The skeletons of generated files. Strict: an unknown name in a template is an error,
/// not empty text.</summary>
internal static class Templates
{
    private static readonly ConcurrentDictionary<string, Template> Parsed = new(StringComparer.Ordinal);

    public static string Render(string name, ScriptObject model)
    {
        var context = new TemplateContext
        {
            StrictVariables = true,
            EnableRelaxedMemberAccess = false,
            EnableRelaxedTargetAccess = false,
            EnableRelaxedIndexerAccess = false,
            LoopLimit = 0,
            NewLine = "\n",
        };
        context.PushCulture(CultureInfo.InvariantCulture);
        context.PushGlobal(model);
        return Parsed.GetOrAdd(name, Parse).Render(context);
    }

    private static Template Parse(string name)
    {
        using Stream stream = typeof(Templates).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"There is no template '{name}'.");
        using var reader = new StreamReader(stream);
        var template = Template.Parse(reader.ReadToEnd().Replace("\r\n", "\n"), name);
        return template.HasErrors
            ? throw new InvalidOperationException(string.Join("\n", template.Messages))
            : template;
    }
}
