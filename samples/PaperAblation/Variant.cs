using Requant.Torch;
using TorchSharp.Modules;
using Adam = Requant.Optimizers.Adam;

namespace Requant.Samples.PaperAblation;

/// <summary>How a run keeps Adam's states.</summary>
internal enum StateStorageKind
{
    /// <summary>float32.</summary>
    Float32,

    /// <summary>As one absmax for each tensor and 8 bits for each element would keep them.</summary>
    TensorWise,

    /// <summary>As one absmax for each block and 8 bits for each element would keep them.</summary>
    BlockWise,

    /// <summary>8 bits, one absmax for each block: the shipped optimizer.</summary>
    Shipped,
}

/// <summary>A row of the table: what the paper's table 3 goes through from 32-bit Adam to its 8-bit Adam, and the same
/// with other codecs.</summary>
/// <param name="Name">As in figures and options.</param>
/// <param name="Title">For people.</param>
/// <param name="Storage">How states are kept.</param>
/// <param name="Codecs">By which codecs; null for float32.</param>
/// <param name="StableEmbedding">Whether the word embedding is the paper's.</param>
internal sealed record Variant(
    string Name, string Title, StateStorageKind Storage, CodecPair? Codecs, bool StableEmbedding = false)
{
    /// <summary>The paper's block size, in elements.</summary>
    public const int BlockSize = 2048;

    /// <summary>Tensors with fewer elements keep float32 states in all variants, as is usual.</summary>
    public const long MinQuantizedLength = 4096;

    /// <summary>Every variant; 32-bit Adam first.</summary>
    public static IReadOnlyList<Variant> All { get; } =
    [
        new("adam32", "32-bit", StateStorageKind.Float32, null),
        new("adam32-stable", "32-bit + stable embedding", StateStorageKind.Float32, null, StableEmbedding: true),
        new("linear-printed", "linear as printed, tensor-wise", StateStorageKind.TensorWise, CodecPair.PrintedLinear),
        new("linear", "linear repaired, tensor-wise", StateStorageKind.TensorWise, CodecPair.Linear),
        new(
            "dynamic-printed", "dynamic as printed, tensor-wise", StateStorageKind.TensorWise,
            CodecPair.PrintedDynamic),
        new(
            "dynamic-v", "dynamic, v alone repaired, tensor-wise", StateStorageKind.TensorWise,
            CodecPair.DynamicKeepingSecond),
        new("dynamic", "dynamic repaired, tensor-wise", StateStorageKind.TensorWise, CodecPair.Dynamic),
        new("minifloat", "MiniFloat, tensor-wise", StateStorageKind.TensorWise, CodecPair.MiniFloat),
        new("block-printed", "dynamic as printed, block-wise", StateStorageKind.BlockWise, CodecPair.PrintedDynamic),
        new("block", "dynamic repaired, block-wise", StateStorageKind.Shipped, CodecPair.Dynamic),
        new("block-minifloat", "MiniFloat, block-wise", StateStorageKind.Shipped, CodecPair.MiniFloat),
        new("stable", "dynamic repaired, block-wise + stable embedding", StateStorageKind.Shipped, CodecPair.Dynamic,
            StableEmbedding: true),
    ];

    /// <summary>The optimizer. All variants run the same rule, and states of a <see cref="Torch.StableEmbedding"/>
    /// stay in float32.</summary>
    public TorchOptimizer<Adam> CreateOptimizer(IEnumerable<Parameter> parameters, Adam rule) => new(parameters, rule,
        new TorchOptions
        {
            MinQuantizedLength = MinQuantizedLength,
            BlockSize = BlockSize,
            Codecs = Storage == StateStorageKind.Shipped
                ? Codecs?.Shipped ?? throw new InvalidOperationException($"No optimizer has the codecs of {Name}.")
                : StateCodecs.Float32,
            StateRounding = StateRounding.Nearest,
            MaxThreads = 1,
        });

    /// <summary>Called after each step. Where the runtime has no such 8-bit states, those of float32 are given the
    /// values that 8 bits would have kept: the update is made before states are rounded, so that nothing
    /// else differs.</summary>
    public void AfterStep(TorchOptimizer<Adam> optimizer)
    {
        if (Codecs is null || Storage == StateStorageKind.Shipped)
        {
            return;
        }

        int? blockSize = Storage == StateStorageKind.TensorWise ? null : BlockSize;
        foreach (ParameterState parameter in optimizer.States.Select(one => one.State)
            .Where(state => state.Length >= MinQuantizedLength))
        {
            Round(parameter.States["m"], Codecs.First, blockSize);
            Round(parameter.States["v"], Codecs.Second, blockSize);
        }
    }

    /// <summary>Gives a float32 state the values that 8-bit storage would have kept.</summary>
    public static void Round(QuantizedState state, StateMap map, int? blockSize)
    {
        float[] values = state.Values.ToArray();
        RoundedStates.Apply(values, map, blockSize);
        state.SetValues(0, values);
    }
}
