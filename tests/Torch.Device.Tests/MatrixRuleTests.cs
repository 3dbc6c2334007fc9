using Requant.Tests;
using Requant.Torch.Tests;
using TorchSharp;
using TorchSharp.Modules;

namespace Requant.Torch.Device.Tests;

/// <summary>Rules that see rows, columns or matrices take the shapes of torch's tensors to a device, and have the bits
/// of the processor there.</summary>
public sealed class MatrixRuleTests
{
    private const int Steps = 3;

    private static Dictionary<string, Func<Parameter[], TorchOptions, OptimizerHelper>> Makers { get; } = new()
    {
        ["Muon"] = (parameters, options) => new Muon8bit(parameters, ns_steps: 2, options: options),
        ["Adafactor"] = (parameters, options) => new Adafactor8bit(parameters, beta1: 0.9, options: options),
        ["Came"] = (parameters, options) => new Came8bit(parameters, weight_decay: 0.1, options: options),
        ["Sm3"] = (parameters, options) => new Sm38bit(parameters, options: options),
    };

    /// <summary>Each way compiles kernels of its own.</summary>
    public static TheoryData<string, bool> Ways =>
    [
        .. LongRun.Of<IEnumerable<(string Rule, bool IsQuantized)>>(
            [("Muon", true), ("Adafactor", false), ("Sm3", true)],
            from rule in Makers.Keys from isQuantized in new[] { true, false } select (rule, isQuantized)),
    ];

    public static TheoryData<string> SavedRules => [.. LongRun.Of<IEnumerable<string>>(["Muon", "Sm3"], Makers.Keys)];

    [Theory]
    [MemberData(nameof(Ways))]
    public void Steps_OfMatrices_HaveTheBitsOfTheProcessor(string rule, bool isQuantized)
    {
        byte[] expected = InterpretedPlace.OnHost(() => Train(rule, isQuantized));

        Assert.Equal(expected, Train(rule, isQuantized));
    }

    /// <summary>Saved after two steps and loaded into another optimizer with other parameters, on a device and on
    /// the processor.</summary>
    [Theory]
    [MemberData(nameof(SavedRules))]
    public void Checkpoint_OfMatrices_GoesOnBitForBit(string rule)
    {
        using OptimizerHelper uninterrupted = Make(rule, isQuantized: true, firstSeed: 1);
        Some.Steps(uninterrupted, 1, 2);
        byte[] saved = Save(uninterrupted);
        byte[] parameters = Bits(uninterrupted, withStates: false);
        Some.Steps(uninterrupted, 9, 2);
        byte[] expected = Bits(uninterrupted);

        Assert.NotEqual(parameters, Bits(uninterrupted, withStates: false));
        Assert.Equal(expected, Resumed());
        Assert.Equal(expected, InterpretedPlace.OnHost(Resumed));

        byte[] Resumed()
        {
            using OptimizerHelper resumed = Make(rule, isQuantized: true, firstSeed: 51);
            resumed.load_state_dict(new BinaryReader(new MemoryStream(saved)));
            Assign(resumed, parameters);
            Some.Steps(resumed, 9, 2);
            return Bits(resumed);
        }
    }

    private static byte[] Train(string rule, bool isQuantized)
    {
        using OptimizerHelper optimizer = Make(rule, isQuantized, firstSeed: 1);
        Some.Steps(optimizer, 1, Steps);

        // Of a rule of rows and columns it is one element that is not updated, of Muon a matrix.
        foreach ((int index, Parameter parameter) in optimizer.parameters().Index())
        {
            Some.SetGradient(parameter, 77 + index);
        }

        optimizer.parameters().First().grad![1, 2] = float.NaN;
        optimizer.step();
        Assert.All(
            Some.States(optimizer),
            state => Assert.Equal(isQuantized, state.State.States.Any(one => one.IsQuantized)));
        return Bits(optimizer);
    }

    private static OptimizerHelper Make(string rule, bool isQuantized, int firstSeed) => Makers[rule](
        Parameters(firstSeed), new TorchOptions { MinQuantizedLength = isQuantized ? 0 : long.MaxValue });

    /// <summary>A flat matrix, a tall one, one of three dimensions, one without rows, and a vector.</summary>
    private static Parameter[] Parameters(int firstSeed) =>
    [
        Some.Parameter(firstSeed, 9, 35), Some.Parameter(firstSeed + 1, 70, 5),
        Some.Parameter(firstSeed + 2, 4, 3, 5), Some.Parameter(firstSeed + 3, 0, 3),
        Some.Parameter(firstSeed + 4, 33),
    ];

    private static byte[] Save(OptimizerHelper optimizer)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        optimizer.save_state_dict(writer);
        writer.Flush();
        return stream.ToArray();
    }

    private static void Assign(OptimizerHelper optimizer, byte[] parameters)
    {
        using IDisposable guard = torch.no_grad();
        int at = 0;
        foreach (Parameter parameter in optimizer.parameters())
        {
            int bytes = checked((int)(parameter.NumberOfElements * parameter.ElementSize));
            parameter.bytes = parameters.AsSpan(at, bytes);
            at += bytes;
        }
    }

    private static byte[] Bits(OptimizerHelper optimizer, bool withStates = true) =>
    [
        .. Some.States(optimizer)
            .SelectMany(state => (withStates ? state.Tensors.Select(one => one.Tensor) : [])
                .Prepend(state.Parameter.detach()))
            .SelectMany(tensor => tensor.bytes.ToArray()),
    ];
}
