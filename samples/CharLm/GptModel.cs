using Requant.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Requant.Samples.CharLm;

/// <summary>A small transformer that predicts the next character.</summary>
internal sealed class GptModel : Module<Tensor, Tensor>
{
    /// <summary>Characters that the model sees at once.</summary>
    public const int Context = 64;

    private const int Width = 192;
    private const int Layers = 4;

    private readonly Module<Tensor, Tensor> _tokenEmbedding;
    private readonly Embedding _positionEmbedding;
    private readonly ModuleList<GptBlock> _blocks;
    private readonly LayerNorm _norm;
    private readonly Linear _head;

    /// <summary>Makes a model whose weights depend on the seed alone; those of the token embedding on its kind as
    /// well.</summary>
    public GptModel(int vocabularySize, long seed, bool stableEmbedding)
        : base(nameof(GptModel))
    {
        manual_seed(seed);
        _tokenEmbedding = stableEmbedding ? new StableEmbedding(vocabularySize, Width) : Embedding(vocabularySize, Width);
        manual_seed(seed);
        _positionEmbedding = Embedding(Context, Width);
        _blocks = new ModuleList<GptBlock>([.. Enumerable.Range(0, Layers).Select(_ => new GptBlock(Width))]);
        _norm = LayerNorm(Width);
        _head = Linear(Width, vocabularySize, hasBias: false);
        RegisterComponents();
    }

    /// <summary>int64[batch, time] to float32[batch, time, vocabulary].</summary>
    public override Tensor forward(Tensor tokens)
    {
        Tensor positions = arange(tokens.shape[1]);
        Tensor hidden = _tokenEmbedding.forward(tokens) + _positionEmbedding.forward(positions);
        foreach (GptBlock block in _blocks)
        {
            hidden = block.forward(hidden);
        }

        return _head.forward(_norm.forward(hidden));
    }
}

/// <summary>Attention and a two-layer network, each behind a layer norm and added to its input.</summary>
internal sealed class GptBlock : Module<Tensor, Tensor>
{
    private const int Heads = 6;

    private readonly LayerNorm _attentionNorm;
    private readonly Linear _queriesKeysValues;
    private readonly Linear _attentionOutput;
    private readonly LayerNorm _networkNorm;
    private readonly Linear _expand;
    private readonly Linear _contract;

    public GptBlock(int width)
        : base(nameof(GptBlock))
    {
        _attentionNorm = LayerNorm(width);
        _queriesKeysValues = Linear(width, 3 * width);
        _attentionOutput = Linear(width, width);
        _networkNorm = LayerNorm(width);
        _expand = Linear(width, 4 * width);
        _contract = Linear(4 * width, width);
        RegisterComponents();
    }

    public override Tensor forward(Tensor hidden)
    {
        Tensor afterAttention = hidden + Attend(_attentionNorm.forward(hidden));
        Tensor expanded = functional.gelu(_expand.forward(_networkNorm.forward(afterAttention)));
        return afterAttention + _contract.forward(expanded);
    }

    private Tensor Attend(Tensor hidden)
    {
        (long batch, long time, long width) = (hidden.shape[0], hidden.shape[1], hidden.shape[2]);
        Tensor[] split = _queriesKeysValues.forward(hidden)
            .view(batch, time, 3, Heads, width / Heads).permute(2, 0, 3, 1, 4).unbind(0);
        Tensor mixed = functional.scaled_dot_product_attention(split[0], split[1], split[2], is_casual: true);
        return _attentionOutput.forward(mixed.transpose(1, 2).reshape(batch, time, width));
    }
}
