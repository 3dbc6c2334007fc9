namespace Requant.Bench.States;

/// <summary>Gradients as of training: each element has a size of its own over two orders of magnitude, and a mean that
/// is a tenth of its noise.</summary>
internal sealed class NoisyGradients
{
    private const float MeanToNoise = 0.1f;
    private const double Decades = 2;

    private readonly Random _random = new(1);
    private readonly float[] _scales;
    private readonly float[] _means;

    public NoisyGradients(int length)
    {
        Values = new float[length];
        _scales = [.. Values.Select(_ => (float)Math.Pow(10, -Decades * _random.NextDouble()))];
        _means = [.. _scales.Select(scale => MeanToNoise * scale * Normal())];
    }

    public float[] Values { get; }

    /// <summary>The next step's.</summary>
    public void Draw()
    {
        for (int i = 0; i < Values.Length; i++)
        {
            Values[i] = _means[i] + (_scales[i] * Normal());
        }
    }

    private float Normal() =>
        MathF.Sqrt(-2f * MathF.Log(1f - _random.NextSingle())) * MathF.Cos(2f * MathF.PI * _random.NextSingle());
}
