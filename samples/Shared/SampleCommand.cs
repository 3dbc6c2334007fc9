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
}
