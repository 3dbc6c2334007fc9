using TorchSharp;
using static TorchSharp.torch;

namespace Requant.Samples.StateComparison;

/// <summary>A convolutional network that tells ten textures apart: waves whose direction is the class, of random phase,
/// length and contrast, under noise.</summary>
internal sealed class ImageTask : TrainingTask
{
    private const int Side = 12;
    private const int Classes = 10;
    private const int Images = 8_192;
    private const int EvaluationImages = 2_048;
    private const int EvaluationBatchSize = 512;
    private const int BatchSize = 32;
    private const int FewChannels = 16;
    private const int ManyChannels = 48;
    private const double DirectionNoise = 0.08;
    private const double Noise = 0.6;
    private const int DataSeed = 2;

    private readonly float[] _images = new float[(Images + EvaluationImages) * Side * Side];
    private readonly long[] _classes = new long[Images + EvaluationImages];

    /// <summary>Generates the images.</summary>
    public ImageTask(TaskChoice choice)
        : base(choice)
    {
        var random = new Random(DataSeed);
        for (int i = 0; i < _classes.Length; i++)
        {
            _classes[i] = random.Next(Classes);
            Draw(_images.AsSpan(i * Side * Side, Side * Side), _classes[i], random);
        }
    }

    /// <inheritdoc/>
    public override nn.Module<Tensor, Tensor> CreateModel(int seed) => nn.Sequential(
        nn.Conv2d(1, FewChannels, 3, padding: 1L), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(FewChannels, ManyChannels, 3, padding: 1L), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(ManyChannels, ManyChannels, 3, padding: 1L), nn.ReLU(), nn.Flatten(),
        nn.Linear(ManyChannels * (Side / 4) * (Side / 4), Classes));

    /// <inheritdoc/>
    public override Tensor TrainingLoss(nn.Module<Tensor, Tensor> model, int step, int steps, Random random) =>
        Loss(model, [.. Enumerable.Range(0, BatchSize).Select(_ => random.Next(Images))]);

    /// <inheritdoc/>
    public override double EvaluationLoss(nn.Module<Tensor, Tensor> model) =>
        Enumerable.Range(Images, EvaluationImages).Chunk(EvaluationBatchSize).Average(images =>
        {
            using DisposeScope scope = NewDisposeScope();
            return Loss(model, images).item<float>();
        });

    private Tensor Loss(nn.Module<Tensor, Tensor> model, int[] images)
    {
        float[] pixels = new float[images.Length * Side * Side];
        long[] classes = new long[images.Length];
        foreach ((int row, int image) in images.Index())
        {
            Array.Copy(_images, image * Side * Side, pixels, row * Side * Side, Side * Side);
            classes[row] = _classes[image];
        }

        return nn.functional.cross_entropy(
            model.forward(tensor(pixels, [images.Length, 1, Side, Side])), tensor(classes));
    }

    private static void Draw(Span<float> image, long @class, Random random)
    {
        double direction = (Math.PI * @class / Classes) + (DirectionNoise * Generated.Normal(random));
        double frequency = 2 * Math.PI * (0.12 + (0.15 * random.NextDouble()));
        double phase = 2 * Math.PI * random.NextDouble();
        double contrast = 0.5 + random.NextDouble();
        (double sine, double cosine) = Math.SinCos(direction);
        for (int i = 0; i < image.Length; i++)
        {
            double place = (i % Side * cosine) + (i / Side * sine);
            image[i] = (float)((contrast * Math.Sin((frequency * place) + phase)) + (Noise * Generated.Normal(random)));
        }
    }
}
