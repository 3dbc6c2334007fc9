using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Requant.Bench.Gpu.Rules;
using Requant.Devices;
using Requant.Devices.Driver;

namespace Requant.Bench.Gpu;

/// <summary>The command line.</summary>
internal static class GpuCommandLine
{
    /// <summary>Something is wrong with the kernels, or there is no GPU.</summary>
    public const int Failed = 1;

    /// <summary>The arguments were not understood.</summary>
    public const int Usage = 2;

    private const int Kilo = 1024;

    /// <summary>Runs.</summary>
    /// <param name="args">Arguments, without the program's name.</param>
    /// <param name="output">Where findings go, line by line.</param>
    /// <param name="error">Where messages go.</param>
    /// <param name="cache">Where kernels' texts are kept; the user's when null.</param>
    /// <returns>0, <see cref="Failed"/> or <see cref="Usage"/>.</returns>
    public static int Run(IReadOnlyList<string> args, TextWriter output, TextWriter error, PtxCache? cache = null)
    {
        ParseResult parsed = Create(output, error, cache ?? PtxCache.Default).Parse(args);
        foreach (string message in parsed.Errors.Select(one => one.Message).Distinct())
        {
            error.WriteLine($"requant-gpu: {message}");
        }

        return parsed.Errors.Count > 0 ? Usage : parsed.Invoke();
    }

    private static RootCommand Create(TextWriter output, TextWriter error, PtxCache cache)
    {
        var only = new Option<GpuPart?>("--only")
        {
            Description = "check or time; both when not given.",
            CustomParser = ParsePart,
        };
        var rules = new Option<string[]?>("--rules")
        {
            Description = $"Any of {string.Join(", ", GpuRule.Shipped)}, separated by commas; "
                + "all when not given, of which six are timed.",
            CustomParser = ParseRules,
        };
        var elements = new Option<long?>("--elements")
        {
            Description = "Elements of the one large tensor; K is 1024, M 1024K, G 1024M. When not given 1000000000 "
                + $"are timed, or what fits, and {GpuPlan.DefaultCheckElements} checked, of which there are never more "
                + $"than {GpuOptions.MostCheckElements}.",
            CustomParser = result => ParseNumber(result, long.MaxValue / Kilo),
        };
        var tensors = new Option<long?>("--tensors")
        {
            Description = "Tensors of the models of many; 500 when not given.",
            CustomParser = result => ParseNumber(result, int.MaxValue),
        };
        var json = new Option<FileInfo?>("--json")
        {
            Description = "Writes all that is found to a file, again after each finding.",
        };
        json.Validators.Add(RequireFolder);
        var quick =
            new Option<bool>("--quick") { Description = "Ends within four minutes, and says what it leaves out." };
        var device = new Option<long?>("--device")
        {
            Description = "Number of the device; 0 when not given.",
            CustomParser = result => ParseNumber(result, int.MaxValue, least: 0),
        };
        var dryRun =
            new Option<bool>("--dry-run") { Description = "Compiles the kernels and lists them; needs no GPU." };
        var root = new RootCommand(
            "Compares the CUDA kernels of the shipped rules with the scalar kernels bit for bit, and times them.")
        {
            only, rules, elements, tensors, json, quick, device, dryRun,
        };
        root.SetAction(result =>
        {
            var plan = GpuPlan.Create(new GpuOptions
            {
                Only = result.GetValue(only),
                // An array that was not given is an empty one.
                Rules = result.GetValue(rules) is { Length: > 0 } names ? names : null,
                Elements = result.GetValue(elements),
                Tensors = (int?)result.GetValue(tensors),
                Quick = result.GetValue(quick),
            });
            return result.GetValue(dryRun)
                ? DryRun.Run(plan, cache, output) ? 0 : Failed
                : RunOnDevice(
                    plan, cache, (int)(result.GetValue(device) ?? 0), result.GetValue(json)?.FullName, output, error);
        });
        return root;
    }

    private static int RunOnDevice(
        GpuPlan plan, PtxCache cache, int ordinal, string? json, TextWriter output, TextWriter error)
    {
        // Kernels are compiled in the background and described afterwards, which both need a text to stay the same.
        DirectoryInfo? temporary = cache.Root is null ? Directory.CreateTempSubdirectory("requant-gpu-") : null;
        try
        {
            if (!CudaDriver.TryLoad(out ICudaDriver? driver, out string? reason))
            {
                throw CudaErrors.NoDriver(reason);
            }

            PtxCache texts = temporary is null ? cache : new PtxCache(temporary.FullName);
            using var session =
                new GpuSession(Device.Cuda(driver, ordinal, texts), output, json) { Limit = plan.Limit };
            return new GpuRun(session, plan).Run().HasFailed ? Failed : 0;
        }
        catch (CudaException failure)
        {
            error.WriteLine($"requant-gpu: {failure.Message}");
            return Failed;
        }
        finally
        {
            temporary?.Delete(recursive: true);
        }
    }

    private static GpuPart? ParsePart(ArgumentResult result)
    {
        string given = result.Tokens[0].Value;
        foreach (GpuPart part in Enum.GetValues<GpuPart>())
        {
            if (part.ToString().Equals(given, StringComparison.OrdinalIgnoreCase))
            {
                return part;
            }
        }

        result.AddError($"--only was given '{given}'; it takes check or time.");
        return null;
    }

    private static string[]? ParseRules(ArgumentResult result)
    {
        string given = result.Tokens[0].Value;
        string[] asked = given.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        string?[] names =
        [
            .. asked.Select(name => GpuRule.Shipped.FirstOrDefault(rule =>
                rule.Name.Equals(name, StringComparison.OrdinalIgnoreCase))?.Name),
        ];
        if (names.Length == 0 || names.Contains(null))
        {
            result.AddError(
                $"--rules was given '{given}'. Any of {string.Join(", ", GpuRule.Shipped)}, separated by commas.");
            return null;
        }

        return [.. names.OfType<string>().Distinct()];
    }

    private static long? ParseNumber(ArgumentResult result, long most, long least = 1)
    {
        string given = result.Tokens[0].Value;
        long unit = given switch
        {
            [.., 'K'] => Kilo,
            [.., 'M'] => Kilo * Kilo,
            [.., 'G'] => Kilo * Kilo * Kilo,
            _ => 1,
        };
        if (long.TryParse(
            unit == 1 ? given : given[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            && number >= least && number <= most / unit)
        {
            return number * unit;
        }

        string name = ((OptionResult)result.Parent!).Option.Name;
        result.AddError($"{name} was given '{given}'; it takes a whole number of at least {least}.");
        return null;
    }

    // Better known before a measurement than after it.
    private static void RequireFolder(OptionResult result)
    {
        if (result.GetValueOrDefault<FileInfo?>() is { Directory.Exists: false } file)
        {
            result.AddError($"--json was given '{result.Tokens[0].Value}'; there is no folder '{file.DirectoryName}'.");
        }
    }
}
