using System.CommandLine;

namespace Requant.Samples;

/// <summary>Runs a sample's command.</summary>
internal static class SampleCommand
{
    private const int Usage = 2;

    /// <summary>Runs it, and says on the error output what is wrong with the arguments.</summary>
    /// <returns>What the command returns; 2 where the arguments ask for what cannot be done.</returns>
    public static int Run(RootCommand command, IReadOnlyList<string> args)
    {
        ParseResult parsed = command.Parse(args);
        try
        {
            int exitCode = parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
            return parsed.Errors.Count > 0 ? Usage : exitCode;
        }
        catch (UsageException exception)
        {
            Console.Error.WriteLine(exception.Message);
            return Usage;
        }
    }

    /// <summary>An option's number.</summary>
    /// <exception cref="UsageException">It is below the least one.</exception>
    public static int AtLeast(int least, Option option, int value) => value >= least
        ? value
        : throw new UsageException($"{option.Name} is {value}; it has to be {least} or more.");

    /// <summary>An option's file.</summary>
    /// <exception cref="UsageException">It cannot be made.</exception>
    public static string WritablePath(Option option, string path)
    {
        string? folder = Path.GetDirectoryName(Path.GetFullPath(path));
        return Directory.Exists(folder) && !Directory.Exists(path)
            ? path
            : throw new UsageException(
                $"{option.Name}: '{path}' is not a file in a folder that exists. Make the folder first.");
    }
}
