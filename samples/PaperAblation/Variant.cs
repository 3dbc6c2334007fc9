using Requant.Torch;
using TorchSharp.Modules;
using Adam = Requant.Optimizers.Adam;

namespace Requant.Samples.PaperAblation;

/// <summary>How a run keeps Adam's states: a row of the paper's table 3.</summary>
internal enum StateStorageKind
{
    /// <summary>float32.</summary>
    Float32,

    /// <summary>8 bits, one absmax for each tensor.</summary>
    TensorWise,

    /// <summary>8 bits, one absmax for each block: the shipped optimizer.</summary>
    BlockWise,
}

/// <summary>One thing at a time on the way from 32-bit Adam to the paper's 8-bit Adam.</summary>
/// <param name="Name">As in figures and options.</param>
/// <param name="Title">For people.</param>
/// <param name="Storage">How states are kept.</param>
/// <param name="First">Codec of the first moment.</param>
/// <param name="Second">Codec of the second moment.</param>
/// <param name="StableEmbedding">Whether the word embedding is the paper's.</param>
internal sealed record Variant(
    string Name, string Title, StateStorageKind Storage, Codec First, Codec Second, bool StableEmbedding)
{
    /// <summary>The paper's block size, in elements.</summary>
    public const int BlockSize = 2048;

    /// <summary>Tensors with fewer elements keep float32 states in all variants, as is usual.</summary>
    public static long MinQuantizedLength { get; } = new TorchOptions().MinQuantizedLength;

    /// <summary>Every variant; 32-bit Adam first.</summary>
    public static IReadOnlyList<Variant> All { get; } =
    [
        new("adam32", "32-bit Adam", StateStorageKind.Float32, Codec.Float32, Codec.Float32, false),
        new("adam32-stable", "32-bit Adam + stable embedding", StateStorageKind.Float32, Codec.Float32, Codec.Float32,
            true),
        new("linear", "8-bit, linear, tensor-wise", StateStorageKind.TensorWise, Codec.Linear, Codec.LinearUnsigned, false),
        new("dynamic", "+ dynamic", StateStorageKind.TensorWise, Codec.Dynamic, Codec.DynamicUnsigned, false),
        new("block", "+ block-wise", StateStorageKind.BlockWise, Codec.Dynamic, Codec.DynamicUnsigned, false),
        new("stable", "+ stable embedding", StateStorageKind.BlockWise, Codec.Dynamic, Codec.DynamicUnsigned, true),
    ];

    /// <summary>The optimizer. All variants run the same rule, and states of a <see cref="Torch.StableEmbedding"/> stay in float32.</summary>
    public TorchOptimizer<Adam> CreateOptimizer(IEnumerable<Parameter> parameters, Adam rule) => new(parameters, rule,
        new TorchOptions
        {
            MinQuantizedLength = Storage == StateStorageKind.BlockWise ? MinQuantizedLength : long.MaxValue,
            BlockSize = BlockSize,
            MaxThreads = 1,
        });

    /// <summary>Called after each step: with one absmax per tensor, which the runtime's blocks are too short for, float32 states
    /// are given the values that 8 bits would have kept.</summary>
    public void AfterStep(TorchOptimizer<Adam> optimizer)
    {
        if (Storage != StateStorageKind.TensorWise)
        {
            return;
        }

        foreach (ParameterState parameter in optimizer.States.Select(one => one.State)
            .Where(state => state.Length >= MinQuantizedLength))
        {
            Round(parameter.States["m"], First, blockSize: null);
            Round(parameter.States["v"], Second, blockSize: null);
        }
    }

    /// <summary>Gives a float32 state the values that 8-bit storage would have kept.</summary>
    public static void Round(QuantizedState state, Codec codec, int? blockSize)
    {
        float[] values = state.Values.ToArray();
        RoundedStates.Apply(values, codec, blockSize);
        state.SetValues(0, values);
    }
}
