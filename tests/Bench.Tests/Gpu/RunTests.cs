using System.Text.Json;
using Requant.Bench.Gpu;
using Requant.Bench.Gpu.Check;
using Requant.Bench.Gpu.Rules;
using Requant.Bench.Gpu.Time;
using Requant.Devices.Driver;

namespace Requant.Bench.Tests.Gpu;

/// <summary>Whole runs on the interpreter: their order, their file, and what ends them early.</summary>
public class RunTests
{
    private static GpuPlan Tiny => new()
    {
        Checks = [InterpretedSession.Case("Adam"), InterpretedSession.Case("Lamb", ElementPair.BFloat16)],
        Times = [InterpretedSession.Case("Adam"), InterpretedSession.Case("Lion")],
        EarlyTimes = 1,
        Models = [() => CheckModel.One(300), () => CheckModel.Ragged(5, 300)],
        Time = new TimePlan { Elements = 512, Tensors = 2, HasSmall = false, WarmUp = 1, Runs = 2, CopyRuns = 2,
            CopyBytes = [1000] },
    };

    [Fact]
    public void Run_Findings_ComeInTheOrderInWhichTheyAreWanted()
    {
        using var device = new InterpretedSession();

        GpuReport report = new GpuRun(device.Session, Tiny).Run();

        Assert.Equal(
            ["device", "check Adam", "copy", "time Adam", "check Lamb", "time Lion"],
            device.Lines.TakeWhile(line =>
                !line.StartsWith("rule", StringComparison.Ordinal) || line.Contains("PTX", StringComparison.Ordinal))
                .Select(Subject).Where(subject => subject.Length > 0).Aggregate(
                    new List<string>(), (found, subject) => found.Contains(subject) ? found : [.. found, subject]));
        Assert.True(report.Finished);
        Assert.False(report.HasFailed);
        Assert.Equal(["first launch", "one", "ragged", "one", "ragged"], report.Checks.Select(row => row.Model));
        Assert.Equal(4, report.Times.Count);
        Assert.Equal(0, device.Driver.AllocatedBytes);
    }

    [Fact]
    public void Run_Kernels_AreThoseOfAllCasesWithWhatTheDriverSays()
    {
        using var device = new InterpretedSession();

        GpuReport report = new GpuRun(device.Session, Tiny).Run();

        Assert.Equal(
            [
                ("Adam", "dynamic", 0), ("Lamb", "dynamic", 0), ("Lamb", "dynamic", 1), ("Lamb", "finish", 0),
                ("Lion", "dynamic", 0),
            ],
            report.Kernels.Select(row => (row.Rule, row.States, row.Phase)).Order());
        Assert.All(
            report.Kernels,
            row => Assert.True(row.PtxBytes > 0 && row.Registers is not null && row.SharedBytes is not null));
    }

    [Fact]
    public void Run_KernelsDescribed_AreNotLoadedAgain()
    {
        using var device = new InterpretedSession();

        GpuReport report =
            new GpuRun(device.Session, Tiny with { Times = [], Models = [() => CheckModel.One(300)] }).Run();

        // Without a cache on disk each kernel's text is made twice, and texts of one kernel differ in their labels.
        Assert.InRange(
            device.Driver.Calls.Count(call => call == "cuModuleLoadDataEx"), report.Kernels.Count,
            2 * report.Kernels.Count);
    }

    [Fact]
    public void Run_TimeIsOver_SaysWhatIsLeftOut()
    {
        using var device = new InterpretedSession(limit: TimeSpan.Zero);

        GpuReport report = new GpuRun(device.Session, Tiny).Run();

        Assert.Equal("first launch", Assert.Single(report.Checks).Model);
        Assert.Empty(report.Times);
        Assert.Contains("check Lamb bf16 dynamic ragged: after 0 s", report.LeftOut);
        Assert.Contains(
            device.Lines, line => line.StartsWith("left out: time Lion fp32 dynamic", StringComparison.Ordinal));
    }

    [Fact]
    public void Run_DeviceIsLost_EndsWithTheFirstMessage()
    {
        using var device = new InterpretedSession();
        device.Driver.Fail("cuLaunchKernel", CudaResult.IllegalAddress, after: 3);

        GpuReport report = new GpuRun(device.Session, Tiny).Run();

        Assert.Contains("cuLaunchKernel", report.Error, StringComparison.Ordinal);
        Assert.True(report.HasFailed);
        Assert.False(report.Finished);
        Assert.Equal(GpuReport.Failed, report.Checks[^1].Result);
    }

    [Fact]
    public void Json_Run_HasTheseNames()
    {
        string file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.json");
        try
        {
            using var device = new InterpretedSession(json: file);
            _ = new GpuRun(device.Session, Tiny).Run();

            using JsonDocument document = JsonDocument.Parse(File.ReadAllText(file));
            JsonElement root = document.RootElement;
            Assert.Equal(
                [
                    "device", "quick", "finished", "error", "copy", "checks", "times", "kernels", "left_out",
                    "has_failed",
                ],
                Names(root));
            Assert.Equal(
                ["ordinal", "name", "capability", "multiprocessors", "memory_bytes", "cuda", "architecture"],
                Names(root.GetProperty("device")));
            Assert.Equal(
                [
                    "rule", "dtype", "states", "model", "tensors", "elements", "steps", "result", "difference", "error",
                    "seconds",
                ],
                Names(root.GetProperty("checks")[0]));
            Assert.Equal(
                ["rule", "dtype", "states", "tensors", "elements", "runs", "ms", "least_ms", "host_ms",
                    "bytes_per_step",
                    "gigabytes_per_second", "of_copy", "many_over_one", "error", "total"],
                Names(root.GetProperty("times")[0]));
            Assert.Equal(
                ["rule", "dtype", "states", "variant", "phase", "ptx_bytes", "registers", "local_bytes", "shared_bytes",
                    "group_size",
                    "groups_per_multiprocessor"],
                Names(root.GetProperty("kernels")[0]));
            Assert.True(root.GetProperty("finished").GetBoolean());
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Json_RunUnderWay_HasWhatIsKnown()
    {
        string file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.json");
        try
        {
            using var device = new InterpretedSession(json: file);
            _ = new Checker(device.Session).Run(InterpretedSession.Case("Lion"), CheckModel.One(100));

            using JsonDocument document = JsonDocument.Parse(File.ReadAllText(file));
            Assert.Equal("equal", document.RootElement.GetProperty("checks")[0].GetProperty("result").GetString());
            Assert.False(document.RootElement.GetProperty("finished").GetBoolean());
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static string Subject(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries) switch
    {
        ["device", ..] => "device",
        ["copy", ..] => "copy",
        ["time", "Adam" or "Lion" or "Lamb", ..] words => $"time {words[1]}",
        ["check", string rule, ..] => $"check {rule}",
        _ => "",
    };

    private static IEnumerable<string> Names(JsonElement element) =>
        element.EnumerateObject().Select(property => property.Name);
}
