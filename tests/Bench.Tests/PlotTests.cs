using Requant.Bench.Cpu;
using Requant.Bench.Memory;
using Requant.Optimizers;

namespace Requant.Bench.Tests;

public sealed class PlotTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("requant-plots-");

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>A rule without a fused kernel and one without any peer leave bars out.</summary>
    [Fact]
    public void SpeedPlot_RowsWithoutPeers_AreDrawn()
    {
        string path = Path.Combine(_folder.FullName, "speed.png");
        Row adam = new("Adam", "Dynamic", "fp32", 1, 1 << 24, 2, 7.9, 16, 1.6, 1.04, 7);

        SpeedPlot.Save(path, [adam, adam with { Rule = "Lion", SpeedupTorchFused = null, SpeedupTorchSharp = null }]);

        Assert.True(new FileInfo(path).Length > 0);
    }

    [Fact]
    public void Memory_HasEveryRuleThatShips()
    {
        IEnumerable<string> shipped = typeof(Adam).Assembly.GetExportedTypes()
            .Where(type => type.GetInterfaces().Any(one => one.Name == typeof(IOptimizerRule<>).Name))
            .Select(type => type.Name);

        Assert.Equal(shipped.Order(StringComparer.Ordinal), MemoryCommand.RuleNames.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Memory_PlotInAFolderThatIsMissing_IsRefusedBeforeAnythingIsMeasured()
    {
        var error = new StringWriter();

        int status = BenchCommandLine.Run(["memory", "--plot", Path.Combine(_folder.FullName, "no", "a.png")], error);

        Assert.Equal(BenchCommandLine.Usage, status);
        Assert.StartsWith("bench: --plot was given", error.ToString(), StringComparison.Ordinal);
    }
}
