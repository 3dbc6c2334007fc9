using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Requant.Samples.StateComparison;

/// <summary>Predicts a text's next word from the four before it, with a plain embedding of 16,000 words, those being
/// what stands between spaces; the 1023 most frequent ones are told apart as answers.</summary>
internal sealed class WordTask(TaskChoice choice) : TrainingTask(choice)
{
    private const int Vocabulary = 16_000;
    private const int Answers = 1_024;
    private const int Context = 4;
    private const int Width = 24;
    private const int Hidden = 64;
    private const int BatchSize = 128;
    private const int EvaluationBatches = 16;
    private const int EvaluationBatchSize = 1_024;

    private readonly TokenText _text =
        new(TokenText.Documentation().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries), Vocabulary);

    /// <summary>Different words.</summary>
    public int VocabularySize => _text.VocabularySize;

    /// <inheritdoc/>
    public override nn.Module<Tensor, Tensor> CreateModel(int seed) => new WordModel(VocabularySize);

    /// <inheritdoc/>
    public override Tensor TrainingLoss(nn.Module<Tensor, Tensor> model, int step, int steps, Random random) =>
        Loss(model, _text.Training, BatchSize, () => random.Next(_text.Training.Length - Context));

    /// <inheritdoc/>
    public override double EvaluationLoss(nn.Module<Tensor, Tensor> model)
    {
        int stride = (_text.Evaluation.Length - Context) / (EvaluationBatches * EvaluationBatchSize);
        int window = 0;
        return Enumerable.Range(0, EvaluationBatches).Average(_ =>
        {
            using DisposeScope scope = NewDisposeScope();
            return Loss(model, _text.Evaluation, EvaluationBatchSize, () => stride * window++).item<float>();
        });
    }

    private static Tensor Loss(nn.Module<Tensor, Tensor> model, long[] text, int batchSize, Func<int> nextStart)
    {
        long[] inputs = new long[batchSize * Context];
        long[] targets = new long[batchSize];
        for (int row = 0; row < batchSize; row++)
        {
            int start = nextStart();
            Array.Copy(text, start, inputs, row * Context, Context);
            targets[row] = text[start + Context] < Answers ? text[start + Context] : 0;
        }

        return nn.functional.cross_entropy(model.forward(tensor(inputs, [batchSize, Context])), tensor(targets));
    }

    private sealed class WordModel : nn.Module<Tensor, Tensor>
    {
        private readonly Embedding _embedding;
        private readonly Linear _hidden = nn.Linear(Context * Width, Hidden);
        private readonly Linear _answers = nn.Linear(Hidden, Answers);

        public WordModel(int vocabularySize)
            : base(nameof(WordModel))
        {
            _embedding = nn.Embedding(vocabularySize, Width);
            RegisterComponents();
        }

        public override Tensor forward(Tensor words) =>
            _answers.forward(nn.functional.relu(_hidden.forward(_embedding.forward(words).flatten(1))));
    }
}
