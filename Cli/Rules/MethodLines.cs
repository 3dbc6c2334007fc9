using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;

namespace Requant.Cli.Rules;

/// <summary>Lines of generated files that the instructions of an assembly's methods come from.</summary>
internal sealed class MethodLines(MetadataReaderProvider? symbols) : IDisposable
{
    /// <summary>The assembly's; without debug information none.</summary>
    public static MethodLines Open(Assembly assembly) => new(DebugSymbols.Open(assembly));

    /// <summary>By IL offset, in order; line 0 is code of no line.</summary>
    public IReadOnlyList<(int Il, int Line)> Of(MethodInfo method)
    {
        if (symbols is null)
        {
            return [];
        }

        var handle = (MethodDefinitionHandle)MetadataTokens.EntityHandle(method.MetadataToken);
        return [.. symbols.GetMetadataReader().GetMethodDebugInformation(handle).GetSequencePoints()
            .Select(point => (point.Offset, point.IsHidden ? 0 : point.StartLine))];
    }

    public void Dispose() => symbols?.Dispose();
}
