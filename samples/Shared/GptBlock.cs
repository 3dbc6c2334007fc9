using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Requant.Samples;

/// <summary>Attention and a two-layer network, each behind a layer norm and added to its input.</summary>
internal sealed class GptBlock : Module<Tensor, Tensor>
{
    private readonly int _heads;
    private readonly LayerNorm _attentionNorm;
    private readonly Linear _queriesKeysValues;
    private readonly Linear _attentionOutput;
    private readonly LayerNorm _networkNorm;
    private readonly Linear _expand;
    private readonly Linear _contract;

    /// <summary>Makes a block whose heads share the width evenly.</summary>
    public GptBlock(int width, int heads)
        : base(nameof(GptBlock))
    {
        _heads = heads;
        _attentionNorm = LayerNorm(width);
        _queriesKeysValues = Linear(width, 3 * width);
        _attentionOutput = Linear(width, width);
        _networkNorm = LayerNorm(width);
        _expand = Linear(width, 4 * width);
        _contract = Linear(4 * width, width);
        RegisterComponents();
    }

    /// <summary>float32[batch, time, width] to the same shape.</summary>
    public override Tensor forward(Tensor hidden)
    {
        Tensor afterAttention = hidden.Plus(Attend(_attentionNorm.forward(hidden)));
        Tensor expanded = functional.gelu(_expand.forward(_networkNorm.forward(afterAttention)));
        return afterAttention.Plus(_contract.forward(expanded));
    }

    private Tensor Attend(Tensor hidden)
    {
        (long batch, long time, long width) = (hidden.shape[0], hidden.shape[1], hidden.shape[2]);
        Tensor[] split = _queriesKeysValues.forward(hidden)
            .view(batch, time, 3, _heads, width / _heads).permute(2, 0, 3, 1, 4).unbind(0);
        Tensor mixed = functional.scaled_dot_product_attention(split[0], split[1], split[2], is_casual: true);
        return _attentionOutput.forward(mixed.transpose(1, 2).reshape(batch, time, width));
    }
}
