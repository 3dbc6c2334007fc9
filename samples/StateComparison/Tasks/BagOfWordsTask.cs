using TorchSharp;
using static TorchSharp.torch;

namespace Requant.Samples.StateComparison;

/// <summary>Classifies generated documents by the words that they have; of a thousand words a document lacks 95 % or
/// more. Each class likes words of its own better than others do; frequencies fall with the rank of a word, whose place
/// among inputs is random.</summary>
internal sealed class BagOfWordsTask : TrainingTask
{
    private const int Words = 1024;
    private const int Classes = 16;
    private const int DocumentLength = 64;
    private const int MostDifferentWords = Words / 20;
    private const int Documents = 32_768;
    private const int EvaluationDocuments = 4_096;
    private const int EvaluationBatchSize = 512;
    private const int BatchSize = 32;
    private const int Hidden = 128;
    private const double ClassPreference = 0.35;
    private const int DataSeed = 1;

    private readonly int[][] _documents = new int[Documents + EvaluationDocuments][];
    private readonly long[] _classes = new long[Documents + EvaluationDocuments];

    /// <summary>Generates the documents.</summary>
    public BagOfWordsTask(TaskChoice choice)
        : base(choice)
    {
        var random = new Random(DataSeed);
        double[][] cumulative = WordDistributions(random);
        for (int i = 0; i < _documents.Length; i++)
        {
            _classes[i] = random.Next(Classes);
            _documents[i] = Document(cumulative[_classes[i]], random);
        }
    }

    /// <inheritdoc/>
    public override nn.Module<Tensor, Tensor> CreateModel(int seed) =>
        nn.Sequential(
            nn.Linear(Words, Hidden), nn.ReLU(), nn.Linear(Hidden, Hidden), nn.ReLU(), nn.Linear(Hidden, Classes));

    /// <inheritdoc/>
    public override Tensor TrainingLoss(nn.Module<Tensor, Tensor> model, int step, int steps, Random random) =>
        Loss(model, [.. Enumerable.Range(0, BatchSize).Select(_ => random.Next(Documents))]);

    /// <inheritdoc/>
    public override double EvaluationLoss(nn.Module<Tensor, Tensor> model) =>
        Enumerable.Range(Documents, EvaluationDocuments).Chunk(EvaluationBatchSize).Average(documents =>
        {
            using DisposeScope scope = NewDisposeScope();
            return Loss(model, documents).item<float>();
        });

    /// <summary>Logarithms of words' counts: float32[documents, words].</summary>
    internal float[] Inputs(int[] documents)
    {
        float[] inputs = new float[documents.Length * Words];
        foreach ((int row, int document) in documents.Index())
        {
            foreach (int word in _documents[document])
            {
                inputs[(row * Words) + word]++;
            }
        }

        for (int i = 0; i < inputs.Length; i++)
        {
            inputs[i] = inputs[i] == 0 ? 0 : MathF.Log(1 + inputs[i]);
        }

        return inputs;
    }

    private Tensor Loss(nn.Module<Tensor, Tensor> model, int[] documents)
    {
        Tensor inputs = tensor(Inputs(documents), [documents.Length, Words]);
        long[] classes = [.. documents.Select(document => _classes[document])];
        return nn.functional.cross_entropy(model.forward(inputs), tensor(classes));
    }

    private static double[][] WordDistributions(Random random)
    {
        int[] ranks = [.. Enumerable.Range(1, Words)];
        random.Shuffle(ranks);
        double[][] distributions = new double[Classes][];
        for (int i = 0; i < Classes; i++)
        {
            double sum = 0;
            distributions[i] =
                [.. ranks.Select(rank => sum += Math.Exp(ClassPreference * Generated.Normal(random)) / rank)];
        }

        return distributions;
    }

    private static int[] Document(double[] cumulative, Random random)
    {
        int[] words = new int[DocumentLength];
        var different = new HashSet<int>();
        for (int i = 0; i < words.Length; i++)
        {
            int found = Array.BinarySearch(cumulative, random.NextDouble() * cumulative[^1]);
            int word = Math.Min(found < 0 ? ~found : found, Words - 1);
            words[i] = different.Count < MostDifferentWords || different.Contains(word) ? word : words[random.Next(i)];
            different.Add(words[i]);
        }

        return words;
    }
}
