using System.Reflection;
using System.Runtime.Loader;

namespace Requant.Cli.Rules;

/// <summary>What an assembly has.</summary>
/// <param name="Name">The assembly's name.</param>
/// <param name="Types">The types that can be loaded.</param>
/// <param name="Problem">Why some could not, or null.</param>
internal sealed record LoadedTypes(string Name, IReadOnlyList<Type> Types, string? Problem);

/// <summary>Loads a user's assembly: Requant's own assemblies and ILGPU are the tool's, so that the types agree; all
/// others come from the user's folder.</summary>
internal sealed class RuleAssembly : AssemblyLoadContext
{
    private static readonly AssemblyName[] Shared =
    [
        typeof(Codec).Assembly.GetName(),
        typeof(RuleInfo).Assembly.GetName(),
        typeof(Optimizers.Adam).Assembly.GetName(),
        typeof(ILGPU.Context).Assembly.GetName(),
    ];

    private readonly string _folder;

    private RuleAssembly(string path)
        : base(path) => _folder = Path.GetDirectoryName(path)!;

    /// <summary>The types of the assembly at <paramref name="path"/> that can be loaded.</summary>
    /// <exception cref="CommandException">There is no such file, it is no .NET assembly, or it was built for a newer
    /// version of Requant.</exception>
    public static LoadedTypes Load(string path)
    {
        if (!File.Exists(path))
        {
            throw new CommandException(
                $"There is no file '{path}'. Build the project that has the rules and give the path of its DLL.");
        }

        try
        {
            string fullPath = Path.GetFullPath(path);
            Assembly assembly = new RuleAssembly(fullPath).LoadFromAssemblyPath(fullPath);
            RequireOwnVersion(assembly, path);
            return LoadTypes(assembly);
        }
        catch (Exception failure)
            when (failure is BadImageFormatException or IOException or UnauthorizedAccessException)
        {
            string reason = failure is BadImageFormatException
                ? "it is not a .NET assembly that this runtime can load"
                : failure.Message.TrimEnd('.');
            throw new CommandException($"Assembly '{path}' cannot be loaded: {reason}. Give the DLL of a project that "
                + $"targets .NET {Environment.Version.Major}.", failure);
        }
    }

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        if (IsShared(assemblyName.Name))
        {
            return null;
        }

        string beside = Path.Combine(_folder, assemblyName.Name + ".dll");
        return File.Exists(beside) ? LoadFromAssemblyPath(beside) : null;
    }

    /// <summary>Null from <see cref="Load"/> gives the tool's copy.</summary>
    private static bool IsShared(string? name) => Array.Exists(Shared, one => one.Name == name);

    private static void RequireOwnVersion(Assembly assembly, string path)
    {
        foreach (AssemblyName wanted in assembly.GetReferencedAssemblies())
        {
            AssemblyName? own = Array.Find(Shared, one => one.Name == wanted.Name);
            if (own is not null && own.Version < wanted.Version)
            {
                throw new CommandException(
                    $"Assembly '{path}' was built against {own.Name} {wanted.Version?.ToString(3)}, and this tool has "
                    + $"{own.Version?.ToString(3)}. Use the tool of the newer version.");
            }
        }
    }

    private static LoadedTypes LoadTypes(Assembly assembly)
    {
        string name = assembly.GetName().Name ?? "";
        try
        {
            return new LoadedTypes(name, assembly.GetTypes(), Problem: null);
        }
        catch (ReflectionTypeLoadException partial)
        {
            // A dependency is absent: rules that do without it can be shown all the same.
            return new LoadedTypes(
                name, [.. partial.Types.OfType<Type>()], partial.LoaderExceptions.FirstOrDefault()?.Message);
        }
    }
}
