using Requant.Generator.Tests.Harness;
using Requant.Generator.Tests;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

// What xunit would generate, and an option that it does not know: --count N, how many random cases to try.
string[] options = args;
int at = Array.IndexOf(args, RandomCount.Option);
if (at >= 0)
{
    if (!RandomCount.TrySet(args.ElementAtOrDefault(at + 1)))
    {
        await Console.Error.WriteLineAsync(
            $"{RandomCount.Option} takes a number of random cases, 1 or more, as in {RandomCount.Option} 3000.");
        return 2;
    }

    options = [.. args[..at], .. args[(at + 2)..]];
    options = options.Length > 0
        ? options
        : ["-class", typeof(RandomRuleTests).FullName!, "-class", typeof(RandomEditTests).FullName!];
}

// dotnet test talks to the testing platform; whoever runs the program gets xunit's console.
return args.Contains("--server") || args.Contains("--internal-msbuild-node")
    ? await TestPlatformTestFramework.RunAsync(options, SelfRegisteredExtensions.AddSelfRegisteredExtensions)
    : await ConsoleRunner.Run(options);
