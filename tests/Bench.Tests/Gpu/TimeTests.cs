using Requant.Bench.Gpu;
using Requant.Bench.Gpu.Rules;
using Requant.Bench.Gpu.Time;
using Requant.CompilerServices;
using Requant.Devices.Driver;

namespace Requant.Bench.Tests.Gpu;

/// <summary>Times and what is computed from them, on the interpreter and by a clock of the tests.</summary>
public class TimeTests
{
    private const double Ms = 2;

    private static readonly TimePlan Tiny = new()
    {
        Elements = 1024,
        Tensors = 4,
        SmallLength = 128,
        TinyLength = 32,
        WarmUp = 1,
        Runs = 3,
        CopyRuns = 2,
        CopyBytes = [1000, 4000],
    };

    [Fact]
    public void Copy_Rates_AreBytesReadAndWrittenOverTheTime()
    {
        using var device = new InterpretedSession(Ms);

        CopyBandwidth.Run(device.Session, Tiny);

        CopyRow copy = device.Session.Report.Copy!;
        Assert.Equal([new CopySizeRow(1000, 1e-3), new CopySizeRow(4000, 4e-3)], copy.Sizes);
        Assert.Equal(2.5e-3, copy.GigabytesPerSecond!.Value, 1e-12);
        Assert.Equal(0, device.Driver.AllocatedBytes);
    }

    [Fact]
    public void Copy_MoreThanFits_IsOfWhatFits()
    {
        using var device = new InterpretedSession(Ms, memoryBytes: 5000);

        CopyBandwidth.Run(device.Session, Tiny);

        Assert.Equal([1000, 2250], device.Session.Report.Copy!.Sizes.Select(size => size.Bytes));
    }

    [Fact]
    public void Times_EightBitAdam_CountsEachByteOnce()
    {
        TimeRow[] rows = Run(InterpretedSession.Case("Adam"));

        Assert.Equal(
            [(1, 1024L), (4, 256L), (1, 512L), (4, 128L), (4, 32L)], rows.Select(row => (row.Tensors, row.Elements)));

        // 12 bytes of parameter and gradient and 4 of two states an element; both scales of a block read and written.
        TimeRow one = rows[0];
        Assert.Equal((1024 * 16) + (1024 / 256 * 2 * 8), one.BytesPerStep);
        Assert.Equal((Ms, Ms, 3), (one.Ms, one.LeastMs, one.Runs));
        Assert.Equal(one.BytesPerStep / Ms * 1e-6, one.GigabytesPerSecond!.Value, 1e-12);
        Assert.Equal(one.GigabytesPerSecond.Value / 2.5e-3, one.OfCopy!.Value, 1e-9);
        Assert.True(one.HostMs > 0);
    }

    [Theory]
    [InlineData("Adam", "fp32", 28)]
    [InlineData("Adam", "bf16", 22)]
    [InlineData("Momentum", "fp32", 20)]
    public void Times_Float32States_CountEachByteOnce(string rule, string types, int bytesPerElement)
    {
        ElementPair pair = types == "fp32" ? ElementPair.Float32 : ElementPair.BFloat16;

        Assert.All(
            Run(InterpretedSession.Case(rule, pair, StateFormat.Float32)),
            row => Assert.Equal(row.Total * bytesPerElement, row.BytesPerStep));
    }

    [Fact]
    public void Times_ManyTensors_AreRelatedToOneOfTheSameTotal()
    {
        TimeRow[] rows = Run(InterpretedSession.Case("Lion"));

        // Any step takes as long by this clock.
        Assert.Equal([null, 1, null, 1, null], rows.Select(row => row.ManyOverOne));
    }

    [Fact]
    public void Times_TotalThatDoesNotDivide_IsRelatedByTheElement()
    {
        TimeRow[] rows = Run(InterpretedSession.Case("Lion"), plan: Tiny with { Elements = 1026, HasSmall = false });

        Assert.Equal(1026.0 / 1024, rows[1].ManyOverOne!.Value, 1e-12);
    }

    [Fact]
    public void Times_LittleMemory_TakeFewerElements()
    {
        using var device = new InterpretedSession(Ms, memoryBytes: 10_000);
        using var times = new StepTimes(
            device.Session, Tiny,
            [InterpretedSession.Case("Adam", format: StateFormat.Float32), InterpretedSession.Case("Lion")]);

        // Of Adam's 8 bytes of parameter and gradient and 12 of states, of which AMSGrad's are not in use.
        Assert.Equal(10_000 * 0.85 / 20, times.Elements, 1.0);
        Assert.Contains("fewer than 1024", Assert.Single(device.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public void Times_StepThatFails_HaveItsMessageAndGoOn()
    {
        using var device = new InterpretedSession(Ms);
        using var times = new StepTimes(device.Session, Tiny, [InterpretedSession.Case("Adam")]);
        device.Driver.Fail("cuLaunchKernel", CudaResult.LaunchOutOfResources);

        times.Run(InterpretedSession.Case("Adam"));

        List<TimeRow> rows = device.Session.Report.Times;
        Assert.Contains("cuLaunchKernel", rows[0].Error, StringComparison.Ordinal);
        Assert.All(rows.Skip(1), row => Assert.Null(row.Error));
        Assert.True(device.Session.Report.HasFailed);
    }

    [Fact]
    public void Times_NoTimePasses_HaveNoRates()
    {
        TimeRow row = Run(InterpretedSession.Case("Lion"), milliseconds: 0)[0];

        Assert.Equal((0.0, null, null), (row.Ms, row.GigabytesPerSecond, row.OfCopy));
    }

    private static TimeRow[] Run(RuleCase one, double milliseconds = Ms, TimePlan? plan = null)
    {
        using var device = new InterpretedSession(milliseconds);
        CopyBandwidth.Run(device.Session, plan ?? Tiny);
        using (var times = new StepTimes(device.Session, plan ?? Tiny, [one]))
        {
            times.Run(one);
        }

        Assert.Equal(0, device.Driver.AllocatedBytes);
        return [.. device.Session.Report.Times];
    }
}
