using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Requant.Cli.Rules;

/// <summary>Debug information of an assembly: which lines its instructions come from.</summary>
internal static class DebugSymbols
{
    /// <summary>The portable PDB within an assembly, or beside it.</summary>
    /// <returns>Null where there is none.</returns>
    public static MetadataReaderProvider? Open(Assembly assembly)
    {
        if (assembly.Location.Length == 0)
        {
            return null;
        }

        using var file = new PEReader(File.OpenRead(assembly.Location));
        foreach (DebugDirectoryEntry entry in file.ReadDebugDirectory())
        {
            if (entry.Type == DebugDirectoryEntryType.EmbeddedPortablePdb)
            {
                return file.ReadEmbeddedPortablePdbDebugDirectoryData(entry);
            }
        }

        string beside = Path.ChangeExtension(assembly.Location, ".pdb");
        return File.Exists(beside) ? MetadataReaderProvider.FromPortablePdbStream(File.OpenRead(beside)) : null;
    }

    /// <summary>The same as a stream.</summary>
    public static unsafe Stream? OpenStream(Assembly assembly)
    {
        using MetadataReaderProvider? provider = Open(assembly);
        if (provider is null)
        {
            return null;
        }

        MetadataReader reader = provider.GetMetadataReader();
        return new MemoryStream(new ReadOnlySpan<byte>(reader.MetadataPointer, reader.MetadataLength).ToArray());
    }
}
