using Requant.Bench.Gpu;
using Requant.Bench.Gpu.Check;
using Requant.Bench.Gpu.Rules;
using Requant.CompilerServices;
using Requant.Devices.Driver;
using Requant.Optimizers;

namespace Requant.Bench.Tests.Gpu;

/// <summary>The check finds equal bits equal and every other kernel out, on the interpreter.</summary>
public class CheckTests
{
    private const int Elements = 700;
    private const int Tensors = 8;

    public static TheoryData<string, string, StateCodecs, StateRounding> Cases => new()
    {
        { "Adam", "fp32", StateCodecs.Dynamic, StateRounding.Nearest },
        { "Adam", "fp32", StateCodecs.Float32, StateRounding.Nearest },
        { "Adam", "fp32", StateCodecs.MiniFloat, StateRounding.Stochastic },
        { "Lion", "bf16", StateCodecs.Dynamic, StateRounding.Stochastic },
        { "Momentum", "fp16", StateCodecs.Dynamic, StateRounding.Nearest },
        { "RMSProp", "fp32/bf16", StateCodecs.MiniFloat, StateRounding.Nearest },
        { "Lamb", "bf16", StateCodecs.Float32, StateRounding.Nearest },
        { "NAdam", "fp32", StateCodecs.MiniFloat, StateRounding.Nearest },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Check_KernelsThatShip_AreEqual(string rule, string types, StateCodecs codecs, StateRounding rounding)
    {
        using var device = new InterpretedSession(isDeferred: true);
        var checker = new Checker(device.Session);
        RuleCase one = InterpretedSession.Case(
            rule, Pair(types), codecs == StateCodecs.Float32 ? StateFormat.Float32 : new StateFormat(codecs, rounding));

        CheckRow[] rows = [.. Models().Select(model => checker.Run(one, model))];

        Assert.All(
            rows,
            row => Assert.Equal((GpuReport.Equal, CheckModel.Steps, null), (row.Result, row.Steps, row.Difference)));
        Assert.Equal(rows, device.Session.Report.Checks.Select((row, i) => row with { Seconds = rows[i].Seconds }));
        Assert.False(device.Session.Report.HasFailed);
        Assert.Equal(0, device.Driver.AllocatedBytes);
    }

    public static TheoryData<Adam, Adam, string> Corruptions => new()
    {
        { new Adam(), new Adam { Lr = 2e-3f }, "parameter" },
        { new Adam { Lr = 0 }, new Adam { Lr = 0, Beta1 = 0.8f }, "absmax of state m" },
        { new Adam { Lr = 0 }, new Adam { Lr = 0, Beta2 = 0.99f }, "absmax of state v" },
    };

    [Theory]
    [MemberData(nameof(Corruptions))]
    public void Check_OtherHyperparameterOnTheDevice_IsFoundInItsPlace(Adam reference, Adam onDevice, string field)
    {
        using var device = new InterpretedSession();
        var one = new RuleCase(new GpuRule<Adam>(reference, onDevice), ElementPair.Float32, RuleCase.Dynamic);

        CheckRow row = new Checker(device.Session).Run(one, CheckModel.One(Elements));

        Assert.Equal((GpuReport.Different, 0), (row.Result, row.Steps));
        Assert.Equal(
            (1, 0, (long)Elements, field),
            (row.Difference!.Step, row.Difference.Tensor, row.Difference.Length, row.Difference.Field));
        Assert.NotEqual(row.Difference.Expected, row.Difference.Actual);
        Assert.True(device.Session.Report.HasFailed);
        Assert.Contains($"{row.Difference}", Assert.Single(device.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public void Check_KernelThatDiffersFromTheSecondStepOn_IsFoundThere()
    {
        using var device = new InterpretedSession();

        // What the first step leaves does not depend on the decay of a state that is 0.
        var one = new RuleCase(
            new GpuRule<Momentum>(new Momentum(), new Momentum { Beta = 0.5f }), ElementPair.Float32, RuleCase.Dynamic);

        CheckRow row = new Checker(device.Session).Run(one, CheckModel.One(Elements));

        Assert.Equal((GpuReport.Different, 1, 2), (row.Result, row.Steps, row.Difference!.Step));
    }

    [Fact]
    public void Check_DriverThatRefuses_IsReportedAndLeavesTheDeviceUsable()
    {
        using var device = new InterpretedSession();
        var checker = new Checker(device.Session);
        device.Driver.Fail("cuModuleLoadDataEx", CudaResult.InvalidPtx);

        CheckRow failed = checker.Run(InterpretedSession.Case("Adam"), CheckModel.One(Elements));
        CheckRow equal = checker.Run(InterpretedSession.Case("Adam"), CheckModel.One(Elements));

        Assert.Equal(GpuReport.Failed, failed.Result);
        Assert.Contains("cuModuleLoadDataEx", failed.Error, StringComparison.Ordinal);
        Assert.Equal(GpuReport.Equal, equal.Result);
        Assert.Equal(0, device.Driver.AllocatedBytes);
    }

    [Fact]
    public void Check_DeviceThatFaults_EndsTheRun()
    {
        using var device = new InterpretedSession();
        device.Driver.Fail("cuLaunchKernel", CudaResult.IllegalAddress);

        Assert.Throws<DeviceLostException>(
            () => new Checker(device.Session).Run(InterpretedSession.Case("Adam"), CheckModel.One(Elements)));
        Assert.Equal(GpuReport.Failed, Assert.Single(device.Session.Report.Checks).Result);
    }

    [Fact]
    public void Comparison_WriteBehindATensor_IsFound()
    {
        CheckModel model = CheckModel.Ragged(Tensors, Elements);
        RuleCase one = InterpretedSession.Case("Adam");
        using var host = new HostSide(one, model);
        using var other = new HostSide(one, model);
        TensorImage image = model.Parameters(ElementType.Float32);
        image.Gap(other.ReadParameters(), tensor: 3)[0]++;

        DifferenceRow? found = new StepComparison(one, model, step: 1).FirstDifference(host, other);

        Assert.Equal((3, "memory before the parameter", 0L), (found!.Tensor, found.Field, found.Element));
    }

    [Fact]
    public void Comparison_NaNOfAnElementThatIsSkipped_MustKeepItsBits()
    {
        CheckModel model = CheckModel.One(Elements);
        RuleCase one = InterpretedSession.Case("Adam");
        using var host = new HostSide(one, model);
        using var other = new HostSide(one, model);
        float[] gradient = model.Gradient(ElementType.Float32, tensor: 0, step: 1);
        int skipped = Array.FindIndex(gradient, value => !float.IsFinite(value));
        Span<byte> bytes = model.Parameters(ElementType.Float32).Tensor(other.ReadParameters(), 0);
        Assert.True(float.IsNaN(BitConverter.ToSingle(bytes[(skipped * sizeof(float))..])));
        bytes[skipped * sizeof(float)]++;

        DifferenceRow? found = new StepComparison(one, model, step: 1).FirstDifference(host, other);

        Assert.Equal(("parameter", (long)skipped), (found!.Field, found.Element));
    }

    [Fact]
    public void Ragged_Lengths_BeginAtOneAndStayWithinTheLongest()
    {
        CheckModel model = CheckModel.Ragged(500, CheckModel.LongestRagged);

        Assert.Equal(500, model.Lengths.Count);
        Assert.Equal(1, model.Lengths.Min());
        Assert.InRange(model.Lengths.Max(), 100_000, CheckModel.LongestRagged);
        Assert.Contains(model.Lengths, length => length % 256 == 0);
    }

    [Fact]
    public void Ragged_Images_HaveEveryCombinationOfAlignments()
    {
        CheckModel model = CheckModel.Ragged(Tensors, 64);
        TensorImage parameters = model.Parameters(ElementType.BFloat16);
        TensorImage gradients = model.Gradients(ElementType.BFloat16, step: 1);

        Assert.Equal(
            [(0L, 0L), (0L, 2L), (2L, 0L), (2L, 2L)],
            Enumerable.Range(0, Tensors)
                .Select(tensor => (parameters.Offset(tensor) % 256, gradients.Offset(tensor) % 256))
                .Distinct()
                .Order());
    }

    [Theory]
    [InlineData("Adam", "fp32")]
    [InlineData("Adam", "bf16")]
    [InlineData("Lamb", "fp16")]
    public void Check_StepsThatLookAtAllGradients_AreEqual(string rule, string types)
    {
        using var device = new InterpretedSession(isDeferred: true);
        var checker = new Checker(device.Session);
        RuleCase one = InterpretedSession.Case(rule, Pair(types));
        CheckModel[] models = [CheckModel.Clipped(Tensors, Elements), CheckModel.Skipping(Tensors, Elements)];

        Assert.All(models, model =>
        {
            CheckRow row = checker.Run(one, model);
            Assert.Equal((GpuReport.Equal, CheckModel.Steps, null), (row.Result, row.Steps, row.Difference));
        });
    }

    [Fact]
    public void Models_OfAllGradients_ClipAndSkipTheSecondStep()
    {
        RuleCase one = InterpretedSession.Case("Adam");
        using var clipped = new HostSide(one, CheckModel.Clipped(Tensors, Elements));
        using var skipping = new HostSide(one, CheckModel.Skipping(Tensors, Elements));
        long[] skipped = [.. Enumerable.Range(1, CheckModel.Steps).Select(step =>
        {
            clipped.Step(step);
            skipping.Step(step);
            return skipping.Measured[1];
        })];

        Assert.Equal([0, 1, 1], skipped);
        Assert.True(BitConverter.Int64BitsToDouble(clipped.Measured[0]) > clipped.Model.MaxGradientNorm);
        Assert.True(clipped.LastSkipped > 0);
    }

    [Fact]
    public void Comparison_OtherNorm_IsFound()
    {
        RuleCase one = InterpretedSession.Case("Adam");
        CheckModel model = CheckModel.Skipping(Tensors, Elements);
        using var host = new HostSide(one, model);
        using var other = new HostSide(one, model);
        host.Step(2);

        Assert.Contains(
            "norm", new StepComparison(one, model, step: 2).FirstDifference(host, other)!.Field,
            StringComparison.Ordinal);
    }

    private static IEnumerable<CheckModel> Models() => [CheckModel.One(Elements), CheckModel.Ragged(Tensors, Elements)];

    private static ElementPair Pair(string name) =>
        new[] { ElementPair.Float32, ElementPair.BFloat16, ElementPair.Float16, ElementPair.Mixed }.Single(
            pair => $"{pair}" == name);
}
