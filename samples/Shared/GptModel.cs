using Requant.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Requant.Samples;

/// <summary>How large a <see cref="GptModel"/> is.</summary>
/// <param name="Context">Tokens that it sees at once.</param>
/// <param name="Width">Elements of a token's embedding.</param>
/// <param name="Layers">Blocks.</param>
/// <param name="Heads">Heads of attention, which share the width evenly.</param>
internal sealed record GptShape(int Context, int Width, int Layers, int Heads);

/// <summary>A small transformer that predicts the next token.</summary>
internal sealed class GptModel : Module<Tensor, Tensor>
{
    private readonly int _context;
    private readonly Module<Tensor, Tensor> _tokenEmbedding;
    private readonly Embedding _positionEmbedding;
    private readonly ModuleList<GptBlock> _blocks;
    private readonly LayerNorm _norm;
    private readonly Linear _head;
    private readonly Tensor _positions;

    /// <summary>Makes a model whose weights depend on the seed alone; those of the token embedding on its kind as
    /// well.</summary>
    public GptModel(GptShape shape, int vocabularySize, long seed, bool stableEmbedding)
        : base(nameof(GptModel))
    {
        _context = shape.Context;
        manual_seed(seed);
        _tokenEmbedding = stableEmbedding
            ? new StableEmbedding(vocabularySize, shape.Width)
            : Embedding(vocabularySize, shape.Width);
        manual_seed(seed);
        _positionEmbedding = Embedding(_context, shape.Width);
        _blocks = new ModuleList<GptBlock>(
            [.. Enumerable.Range(0, shape.Layers).Select(_ => new GptBlock(shape.Width, shape.Heads))]);
        _norm = LayerNorm(shape.Width);
        _head = Linear(shape.Width, vocabularySize, hasBias: false);
        _positions = tensor([.. Enumerable.Range(0, _context).Select(position => (long)position)]);
        RegisterComponents();
    }

    /// <summary>int64[batch, context] to float32[batch, context, vocabulary].</summary>
    public override Tensor forward(Tensor tokens)
    {
        Tensor hidden = _tokenEmbedding.forward(tokens).Plus(_positionEmbedding.forward(_positions));
        foreach (GptBlock block in _blocks)
        {
            hidden = block.forward(hidden);
        }

        return _head.forward(_norm.forward(hidden));
    }

    /// <summary>Cross entropy of the tokens that follow, in nats per token.</summary>
    /// <param name="text">Numbers of tokens.</param>
    /// <param name="batchSize">Pieces of the text.</param>
    /// <param name="nextStart">Where each piece begins; one token more than the context is behind it.</param>
    public Tensor Loss(long[] text, int batchSize, Func<int> nextStart)
    {
        long[] inputs = new long[batchSize * _context];
        long[] targets = new long[inputs.Length];
        for (int row = 0; row < batchSize; row++)
        {
            int start = nextStart();
            Array.Copy(text, start, inputs, row * _context, _context);
            Array.Copy(text, start + 1, targets, row * _context, _context);
        }

        Tensor predictions = forward(tensor(inputs, [batchSize, _context]));
        return functional.cross_entropy(predictions.flatten(0, 1), tensor(targets));
    }

    /// <summary>The loss of one of several batches whose pieces are spread evenly over a text.</summary>
    /// <param name="text">Numbers of tokens.</param>
    /// <param name="batch">Which one, from 0.</param>
    /// <param name="batches">How many there are.</param>
    /// <param name="batchSize">Pieces of each.</param>
    public float EvaluationLoss(long[] text, int batch, int batches, int batchSize)
    {
        using IDisposable noGradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        int stride = (text.Length - _context - 1) / (batches * batchSize);
        int piece = batch * batchSize;
        return Loss(text, batchSize, () => stride * piece++).item<float>();
    }
}
