using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Requant.Cli.Tests;

/// <summary>Assemblies that no build of today makes.</summary>
internal static class AssemblyImage
{
    /// <summary>An assembly without types that references another.</summary>
    public static byte[] Referencing(string name, Version version)
    {
        var metadata = new MetadataBuilder();
        StringHandle own = metadata.GetOrAddString("Newer");
        metadata.AddModule(0, own, metadata.GetOrAddGuid(Guid.NewGuid()), default, default);
        metadata.AddAssembly(own, new Version(1, 0, 0, 0), default, default, default, AssemblyHashAlgorithm.None);
        metadata.AddAssemblyReference(metadata.GetOrAddString(name), version, default, default, default, default);
        metadata.AddTypeDefinition(
            default, default, metadata.GetOrAddString("<Module>"), default,
            MetadataTokens.FieldDefinitionHandle(1), MetadataTokens.MethodDefinitionHandle(1));
        var image = new ManagedPEBuilder(
            PEHeaderBuilder.CreateLibraryHeader(), new MetadataRootBuilder(metadata), ilStream: new BlobBuilder());
        var bytes = new BlobBuilder();
        image.Serialize(bytes);
        return bytes.ToArray();
    }
}
