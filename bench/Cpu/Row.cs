using System.Text.Json.Serialization;

namespace Requant.Bench.Cpu;

/// <summary>One rule's result on one model.</summary>
/// <param name="Rule">The rule; its states have 8 bits.</param>
/// <param name="Codecs">Codecs of the states.</param>
/// <param name="Dtype">Elements of parameters and gradients: fp32, bf16 or fp16.</param>
/// <param name="Tensors">Tensors of the model.</param>
/// <param name="Elements">Elements of each tensor.</param>
/// <param name="Threads">Threads of every contestant.</param>
/// <param name="Ms">Median time of one step.</param>
/// <param name="BytesPerParam">Memory traffic that a step cannot avoid: a gradient, twice a parameter,
/// twice the states.</param>
/// <param name="RatioStream">Time over that of one pass over the same bytes.</param>
/// <param name="SpeedupTorchFused">Time of libtorch's fused kernel over it; null where there is none.</param>
/// <param name="SpeedupTorchSharp">Time of TorchSharp's optimizer over it; null where there is none.</param>
internal sealed record Row(
    [property: JsonPropertyName("rule")] string Rule,
    [property: JsonPropertyName("codecs")] string Codecs,
    [property: JsonPropertyName("dtype")] string Dtype,
    [property: JsonPropertyName("tensors")] int Tensors,
    [property: JsonPropertyName("elements")] int Elements,
    [property: JsonPropertyName("threads")] int Threads,
    [property: JsonPropertyName("ms")] double Ms,
    [property: JsonPropertyName("bytes_per_param")] double BytesPerParam,
    [property: JsonPropertyName("ratio_stream")] double RatioStream,
    [property: JsonPropertyName("speedup_torch_fused")] double? SpeedupTorchFused,
    [property: JsonPropertyName("speedup_torchsharp")] double? SpeedupTorchSharp);
