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
    private const int Heads = 6;

    private readonly Module<Tensor, Tensor> _tokenEmbedding;
    private readonly Embedding _positionEmbedding;
    private readonly ModuleList<GptBlock> _blocks;
    private readonly LayerNorm _norm;
    private readonly Linear _head;
    private readonly Tensor _positions;

    /// <summary>Makes a model whose weights depend on the seed alone; those of the token embedding on its kind as
    /// well.</summary>
    public GptModel(int vocabularySize, long seed, bool stableEmbedding)
        : base(nameof(GptModel))
    {
        manual_seed(seed);
        _tokenEmbedding = stableEmbedding ? new StableEmbedding(vocabularySize, Width) : Embedding(vocabularySize, Width);
        manual_seed(seed);
        _positionEmbedding = Embedding(Context, Width);
        _blocks = new ModuleList<GptBlock>([.. Enumerable.Range(0, Layers).Select(_ => new GptBlock(Width, Heads))]);
        _norm = LayerNorm(Width);
        _head = Linear(Width, vocabularySize, hasBias: false);
        _positions = tensor([.. Enumerable.Range(0, Context).Select(position => (long)position)]);
        RegisterComponents();
    }

    /// <summary>int64[batch, <see cref="Context"/>] to float32[batch, <see cref="Context"/>, vocabulary].</summary>
    public override Tensor forward(Tensor tokens)
    {
        Tensor hidden = _tokenEmbedding.forward(tokens).Plus(_positionEmbedding.forward(_positions));
        foreach (GptBlock block in _blocks)
        {
            hidden = block.forward(hidden);
        }

        return _head.forward(_norm.forward(hidden));
    }
}
