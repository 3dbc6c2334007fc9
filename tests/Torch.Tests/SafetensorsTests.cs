using System.Text;
using System.Text.Json.Nodes;
using TorchSharp.Modules;

namespace Requant.Torch.Tests;

/// <summary>Checkpoints that describe themselves, of TorchSharp's parameters and groups.</summary>
public sealed class SafetensorsTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    /// <summary>Every drop-in, with options that bring all its states into use.</summary>
    private static readonly Dictionary<string, Func<IEnumerable<(string, Parameter)>, OptimizerHelper>> DropIns = new()
    {
        ["Adadelta"] = named => new Adadelta8bit(named),
        ["Adagrad"] = named => new Adagrad8bit(named),
        ["Adam"] = named => new Adam8bit(named, amsgrad: true),
        ["Adamax"] = named => new Adamax8bit(named),
        ["AdamW"] = named => new AdamW8bit(named, amsgrad: true, maximize: true),
        ["AdEMAMix"] = named => new AdEMAMix8bit(named),
        ["Lamb"] = named => new Lamb8bit(named),
        ["Lars"] = named => new Lars8bit(named),
        ["Lion"] = named => new Lion8bit(named),
        ["NAdam"] = named => new NAdam8bit(named),
        ["RMSProp"] = named => new RMSProp8bit(named, centered: true, momentum: 0.9),
        ["Sgd"] = named => new Sgd8bit(named, 0.1, momentum: 0.9),
        ["SgdW"] = named => new SgdW8bit(named, 0.1, momentum: 0.9),
        ["Signum"] = named => new Signum8bit(named),
    };

    public static TheoryData<string> Names => [.. DropIns.Keys];

    [Theory, MemberData(nameof(Names))]
    public void SaveAndLoad_DropIn_GoesOnBitForBit(string name)
    {
        (string, Parameter)[] parameters = [("w", Some.Parameter(1, 50, 100)), ("b", Some.Parameter(2, 10))];
        using dynamic uninterrupted = DropIns[name](parameters);
        Steps(uninterrupted, 10, 3);
        uninterrupted.SaveCheckpoint(_file);
        using dynamic resumed = DropIns[name](
            [.. parameters.Select(one => (one.Item1, new Parameter(one.Item2.detach().clone())))]);
        ((OptimizerHelper)resumed).ParamGroups.Single().LearningRate = 0.77;

        resumed.LoadCheckpoint(_file);
        Steps(uninterrupted, 70, 3);
        Steps(resumed, 70, 3);

        foreach ((Parameter expected, Parameter actual) in
            ((OptimizerHelper)uninterrupted).parameters().Zip(((OptimizerHelper)resumed).parameters()))
        {
            Assert.Equal(Some.Array(expected), Some.Array(actual));
        }

        Assert.Equal(Saved(uninterrupted), Saved(resumed));
    }

    [Fact]
    public void SaveAndLoad_Groups_KeepTheirNumbers()
    {
        using TorchOptimizer<HeavyBall> source = MakeGroups(1);
        using TorchOptimizer<HeavyBall> optimizer = MakeGroups(2);
        RuleOptions<HeavyBall>[] saved = Options(source);
        (saved[0].LearningRate, saved[1].LearningRate, saved[1].Maximize) = (0.03, 0.3, true);
        Some.Steps(source, 10, 2);
        source.SaveCheckpoint(_file);

        optimizer.LoadCheckpoint(_file);

        RuleOptions<HeavyBall>[] loaded = Options(optimizer);
        Assert.Equal([0.03, 0.3], loaded.Select(one => one.LearningRate!.Value));
        Assert.Equal([false, true], loaded.Select(one => one.Maximize!.Value));
        Assert.Equal(saved.Select(one => one.InitialLearningRate), loaded.Select(one => one.InitialLearningRate));
        Assert.Equal(Saved(source), Saved(optimizer));
    }

    [Fact]
    public void Save_File_HasShapesNamesAndGroups()
    {
        using TorchOptimizer<HeavyBall> source = MakeGroups(1);
        JsonNode manifest = Manifest(Saved(source));

        Assert.Equal(
            """{"hyperparameters":{"lr":0.1,"beta":0.5},"settings":{"maximize":0,"initial_lr":0.1}}""",
            manifest["groups"]![0]!.ToJsonString());
        Assert.Equal("""["first","[50,100]",0]""", Of(0));
        Assert.Equal("""["second","[7]",1]""", Of(1));
        string Of(int index)
        {
            JsonNode parameter = manifest["parameters"]![index]!;
            return $"[\"{parameter["name"]}\",\"{parameter["shape"]!.ToJsonString()}\",{parameter["group"]}]";
        }
    }

    [Fact]
    public void Load_WhatDoesNotFit_IsRefused()
    {
        AssertRefused(
            () => new TorchOptimizer<HeavyBall>(
                [("first", Some.Parameter(1, 100, 50)), ("second", Some.Parameter(2, 7))], new HeavyBall()),
            "2 parameter groups", "this optimizer 1");
        AssertRefused(() => MakeGroups(1, first: [100, 50]), "'first'", "[100, 50]", "[50, 100]");
        AssertRefused(() => MakeGroups(1, first: [5000]), "'first'", "[5000]", "[50, 100]");
        AssertRefused(
            () => MakeGroups(1, options: new TorchOptions { BlockSize = 64 }), "'m' of 'first'", "64", "256",
            "ConvertBlockSize");
        AssertRefused(
            () => MakeGroups(1, options: new TorchOptions().KeepFloat32("first")), "'m' of 'first'", "Float32",
            "ConvertPrecision");
        AssertRefused(() => MakeGroups(1, firstName: "other"), "'other'", "'first'");
        AssertRefused(() => new Lion8bit([("first", Some.Parameter(1, 50, 100))]), "Lion", "HeavyBall");
    }

    [Theory]
    [InlineData("warmup", 1.0), InlineData("maximize", 2.0), InlineData("initial_lr", double.NaN)]
    public void Load_SettingThatIsNotKnown_IsRefused(string setting, double value)
    {
        using TorchOptimizer<HeavyBall> optimizer = MakeGroups(1);
        byte[] before = Saved(optimizer);
        var group = new CheckpointGroup(
            new Dictionary<string, double> { ["lr"] = 0.7, ["beta"] = 0.7 },
            new Dictionary<string, double> { [setting] = value });
        Checkpoint.Save(_file, RuleInfo.Of<HeavyBall>(), [group, group],
            [new(optimizer.States[0].State, [50, 100], Group: 0), new(optimizer.States[1].State, [7], Group: 1)]);

        CheckpointException exception = Assert.Throws<CheckpointException>(() => optimizer.LoadCheckpoint(_file));

        Assert.Contains($"setting {setting}", exception.Message, StringComparison.Ordinal);
        Assert.Equal(before, Saved(optimizer));
    }

    [Fact]
    public void Load_Damaged_IsRefused()
    {
        AssertRefused(() => MakeGroups(1), bytes => bytes[..^1], "cut off");
        AssertRefused(
            () => MakeGroups(1), bytes => [.. bytes[..^1], (byte)(bytes[^1] ^ 1)], "first.m.codes", "damaged");
    }

    [Fact]
    public void Load_OtherPrecision_ConvertsWhenAskedFor()
    {
        using TorchOptimizer<HeavyBall> source = MakeGroups(1);
        using TorchOptimizer<HeavyBall> optimizer = MakeGroups(2, options: new TorchOptions().KeepFloat32("first"));
        Some.Steps(source, 10, 2);
        source.SaveCheckpoint(_file);

        optimizer.LoadCheckpoint(_file, new LoadOptions { ConvertPrecision = true });

        float[] expected = new float[5000];
        source.States[0].State.States["m"].Dequantize(expected);
        Assert.Equal(expected, Some.Array(optimizer.States[0].Tensors.Single().Tensor));
    }

    [Fact]
    public void Load_CheckpointOfTheRuntime_IsTheSameFormat()
    {
        using var torch = new TorchOptimizer<HeavyBall>([("w", Some.Parameter(1, 5000))], new HeavyBall { Lr = 0.25f });
        using var runtime = new Optimizer<HeavyBall>(new HeavyBall());
        ParameterState w = runtime.Add("w", 5000);
        Some.Steps(torch, 10, 2);
        torch.SaveCheckpoint(_file);

        runtime.Load(_file);
        Assert.Equal(torch.States[0].State.States["m"].Codes, w.States["m"].Codes);
        Assert.Equal((0.25f, 2), (runtime.Rule.Lr, w.Step));

        w.Step = 9;
        runtime.Save(_file);
        torch.LoadCheckpoint(_file);
        Assert.Equal(9, torch.States[0].State.Step);
    }

    [Fact]
    public void Constructor_OneNameInTwoGroups_Throws()
    {
        ArgumentException exception = Assert.Throws<ArgumentException>(() => MakeGroups(1, firstName: "second"));

        Assert.Contains("'second'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Import_PyTorchAdam_HasItsStates()
    {
        float[] m = Some.Array(Some.Values(3, 6));
        byte[] header = Encoding.UTF8.GetBytes(
            """
            {"state.0.exp_avg":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},
            "state.0.exp_avg_sq":{"dtype":"F32","shape":[2,3],"data_offsets":[24,48]},
            "state.0.step":{"dtype":"F32","shape":[],"data_offsets":[48,52]}}
            """);
        byte[] values = [.. m.Concat(m.Select(value => value * value)).Append(5f).SelectMany(BitConverter.GetBytes)];
        File.WriteAllBytes(_file, [.. BitConverter.GetBytes((long)header.Length), .. header, .. values]);
        using var adam = new Adam8bit([Some.Parameter(1, 2, 3)]);
        using var other = new Adam8bit([Some.Parameter(1, 3, 2)]);

        adam.ImportStates(_file, StateLayout.PyTorch);

        Assert.Equal(m, adam.States[0].State.States["m"].Values);
        Assert.Equal(5, adam.States[0].State.Step);
        Assert.Contains(
            "[3, 2]", Assert.Throws<CheckpointException>(() => other.ImportStates(_file, StateLayout.PyTorch)).Message,
            StringComparison.Ordinal);

        adam.ExportStates(_file, StateLayout.PyTorch);
        using var copy = new Adam8bit([("parameter 0", Some.Parameter(1, 2, 3))]);
        copy.ImportStates(_file, StateLayout.PyTorch);
        Assert.Equal(Saved(adam), Saved(copy));
    }

    [Fact]
    public void SaveAndLoad_Disposed_Throws()
    {
        TorchOptimizer<HeavyBall> optimizer = MakeGroups(1);
        optimizer.Dispose();

        Assert.Throws<ObjectDisposedException>(() => optimizer.SaveCheckpoint(_file));
        Assert.Throws<ObjectDisposedException>(() => optimizer.LoadCheckpoint(_file));
    }

    public void Dispose() => File.Delete(_file);

    private static void Steps(dynamic optimizer, int seed, int count) =>
        Some.Steps((OptimizerHelper)optimizer, seed, count);

    private static RuleOptions<HeavyBall>[] Options(OptimizerHelper optimizer) =>
        [.. optimizer.ParamGroups.Select(group => ((RuleParamGroup<HeavyBall>)group).Options)];

    private static TorchOptimizer<HeavyBall> MakeGroups(
        int seed, string firstName = "first", long[]? first = null, TorchOptions? options = null) => new(
        [
            new RuleParamGroup<HeavyBall>([(firstName, Some.Parameter(seed, first ?? [50, 100]))]),
            new RuleParamGroup<HeavyBall>([("second", Some.Parameter(seed + 1, 7))]),
        ],
        new HeavyBall(), options);

    private void AssertRefused(Func<OptimizerHelper> make, params string[] says) =>
        AssertRefused(make, bytes => bytes, says);

    private void AssertRefused(Func<OptimizerHelper> make, Func<byte[], byte[]> tamper, params string[] says)
    {
        using TorchOptimizer<HeavyBall> source = MakeGroups(1);
        Some.Steps(source, 10, 2);
        byte[] saved = tamper(Saved(source));
        using dynamic optimizer = make();
        Steps(optimizer, 20, 1);
        byte[] before = Saved(optimizer);
        File.WriteAllBytes(_file, saved);

        CheckpointException exception = Assert.Throws<CheckpointException>(
            (Action)(() => optimizer.LoadCheckpoint(_file)));

        Assert.All(says, text => Assert.Contains(text, exception.Message, StringComparison.Ordinal));
        Assert.Equal(before, Saved(optimizer));
    }

    private byte[] Saved(dynamic optimizer)
    {
        optimizer.SaveCheckpoint(_file);
        return File.ReadAllBytes(_file);
    }

    private static JsonNode Manifest(byte[] bytes)
    {
        JsonNode header = JsonNode.Parse(bytes.AsSpan(8, (int)BitConverter.ToInt64(bytes)))!;
        return JsonNode.Parse((string)header["__metadata__"]!["requant"]!)!;
    }
}
