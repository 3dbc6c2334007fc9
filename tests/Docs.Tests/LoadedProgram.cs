using System.Reflection;
using System.Runtime.Loader;

namespace Requant.Docs.Tests;

/// <summary>What a program printed and returned.</summary>
internal sealed record ProgramRun(int ExitCode, string Output, string Error);

/// <summary>A program of the repository, loaded from its own folder and run in this process: what a command costs is
/// then its own work, and not another runtime that starts.</summary>
internal sealed class LoadedProgram : AssemblyLoadContext
{
    private static readonly Dictionary<string, LoadedProgram> Loaded = [];
    private static readonly HashSet<string> OfTests =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Select(path => Path.GetFileNameWithoutExtension(path)),
    ];

    private readonly AssemblyDependencyResolver _resolver;
    private readonly MethodInfo _main;

    private LoadedProgram(string path)
        : base(Path.GetFileName(path))
    {
        _resolver = new AssemblyDependencyResolver(path);
        _main = LoadFromAssemblyPath(path).EntryPoint!;
    }

    public static LoadedProgram At(string path)
    {
        if (!Loaded.TryGetValue(path, out LoadedProgram? program))
        {
            program = Loaded[path] = new LoadedProgram(path);
        }

        return program;
    }

    /// <summary>Runs it with these arguments in the root of the repository. The console is the process's: tests run one
    /// after another.</summary>
    public ProgramRun Run(params string[] args)
    {
        (TextWriter output, TextWriter error) = (Console.Out, Console.Error);
        using StringWriter newOutput = new(), newError = new();
        try
        {
            Console.SetOut(newOutput);
            Console.SetError(newError);
            Environment.CurrentDirectory = Repository.Root;
            object? result = _main.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [args], null);
            return new ProgramRun(result is int code ? code : 0, newOutput.ToString(), newError.ToString());
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(error);
        }
    }

    /// <summary>What the tests have is shared, so that a program and the assemblies that it loads agree on
    /// types.</summary>
    protected override Assembly? Load(AssemblyName assemblyName) => OfTests.Contains(assemblyName.Name!)
        ? null
        : _resolver.ResolveAssemblyToPath(assemblyName) is string path ? LoadFromAssemblyPath(path) : null;

    protected override nint LoadUnmanagedDll(string unmanagedDllName) =>
        _resolver.ResolveUnmanagedDllToPath(unmanagedDllName) is string path ? LoadUnmanagedDllFromPath(path) : 0;
}
