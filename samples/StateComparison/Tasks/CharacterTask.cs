using TorchSharp;
using static TorchSharp.torch;

namespace Requant.Samples.StateComparison;

/// <summary>A transformer that predicts the next character of a text.</summary>
internal sealed class CharacterTask(TaskChoice choice, GptShape shape, int batchSize) : TrainingTask(choice)
{
    private const int MaxAlphabet = 128;
    private const int EvaluationBatches = 16;
    private const int EvaluationBatchSize = 64;

    private readonly TokenText _text =
        new([.. TokenText.Documentation().Select(character => character.ToString())], MaxAlphabet);

    /// <inheritdoc/>
    public override nn.Module<Tensor, Tensor> CreateModel(int seed) =>
        new GptModel(shape, _text.VocabularySize, seed, stableEmbedding: false);

    /// <inheritdoc/>
    public override Tensor TrainingLoss(nn.Module<Tensor, Tensor> model, int step, int steps, Random random) =>
        ((GptModel)model).Loss(_text.Training, batchSize, () => random.Next(_text.Training.Length - shape.Context));

    /// <inheritdoc/>
    public override double EvaluationLoss(nn.Module<Tensor, Tensor> model)
    {
        double sum = 0;
        for (int batch = 0; batch < EvaluationBatches; batch++)
        {
            sum += ((GptModel)model).EvaluationLoss(
                _text.Evaluation, batch, EvaluationBatches, EvaluationBatchSize);
        }

        return sum / EvaluationBatches;
    }
}
