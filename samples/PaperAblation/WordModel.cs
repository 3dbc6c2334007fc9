using Requant.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Requant.Samples.PaperAblation;

/// <summary>A transformer language model, as small as it can be and still be one.</summary>
internal sealed class WordModel : Module<Tensor, Tensor>
{
    /// <summary>Words that the model sees at once.</summary>
    public const int Context = 32;

    private const int Width = 64;
    private const int Layers = 2;
    private const int Heads = 4;

    private readonly Module<Tensor, Tensor> _wordEmbedding;
    private readonly Embedding _positionEmbedding;
    private readonly ModuleList<GptBlock> _blocks;
    private readonly LayerNorm _norm;
    private readonly Linear _head;
    private readonly Tensor _positions;

    /// <summary>Makes a model whose weights depend on the seed alone; those of the word embedding on its kind as well.</summary>
    public WordModel(int vocabularySize, long seed, bool stableEmbedding)
        : base(nameof(WordModel))
    {
        manual_seed(seed);
        _wordEmbedding = stableEmbedding ? new StableEmbedding(vocabularySize, Width) : Embedding(vocabularySize, Width);
        manual_seed(seed);
        _positionEmbedding = Embedding(Context, Width);
        _blocks = new ModuleList<GptBlock>([.. Enumerable.Range(0, Layers).Select(_ => new GptBlock(Width, Heads))]);
        _norm = LayerNorm(Width);
        _head = Linear(Width, vocabularySize, hasBias: false);
        _positions = tensor([.. Enumerable.Range(0, Context).Select(position => (long)position)]);
        RegisterComponents();
    }

    /// <summary>int64[batch, <see cref="Context"/>] to float32[batch, <see cref="Context"/>, vocabulary].</summary>
    public override Tensor forward(Tensor words)
    {
        Tensor hidden = _wordEmbedding.forward(words).Plus(_positionEmbedding.forward(_positions));
        foreach (GptBlock block in _blocks)
        {
            hidden = block.forward(hidden);
        }

        return _head.forward(_norm.forward(hidden));
    }
}
