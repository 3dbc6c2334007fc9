namespace Requant.Torch;

/// <summary>How a <see cref="TorchOptimizer{TRule}"/> keeps its states and runs, whatever its rule.</summary>
public sealed record TorchOptions
{
    /// <summary>Tensors with fewer elements keep their states in float32; 4096 by default. 0 quantizes every
    /// tensor.</summary>
    public long MinQuantizedLength { get; init; } = new OptimizerOptions().MinQuantizedLength;

    /// <summary>Elements that share one absmax: a multiple of 16 from 16 to 4096. The rule's own when null.</summary>
    public int? BlockSize { get; init; }

    /// <summary>Names, as given with <c>named_parameters()</c>, of parameters whose states stay in float32.
    /// A name that no parameter of the constructor's groups has is an error.</summary>
    public IReadOnlyCollection<string> KeepFloat32 { get; init; } = [];

    /// <summary>What happens to an element whose gradient is NaN or infinite.</summary>
    public NonFinitePolicy NonFinite { get; init; } = NonFinitePolicy.SkipElement;

    /// <summary>The most threads that a step uses; <c>torch.get_num_threads()</c> when null.</summary>
    public int? MaxThreads { get; init; }

    internal OptimizerOptions ForGroup(IEnumerable<string> keepFloat32) => new()
    {
        MinQuantizedLength = MinQuantizedLength,
        BlockSize = BlockSize,
        NonFinite = NonFinite,
        MaxThreads = MaxThreads ?? TorchSharp.torch.get_num_threads(),
        KeepFloat32 = [.. keepFloat32],
    };
}
