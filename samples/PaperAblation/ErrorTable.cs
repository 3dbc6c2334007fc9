using Requant.Torch;
using Adam = Requant.Optimizers.Adam;

namespace Requant.Samples.PaperAblation;

/// <summary>One tensor's exact states before an update, and the gradient of that update.</summary>
/// <param name="Step">Updates that the states have seen; 1 or more.</param>
/// <param name="First">First moment: float32[n].</param>
/// <param name="Second">Second moment: float32[n].</param>
/// <param name="Gradient">float32[n].</param>
internal sealed record Snapshot(int Step, float[] First, float[] Second, float[] Gradient);

/// <summary>What quantized states do to Adam's update.</summary>
/// <param name="Codecs">Codecs of the states.</param>
/// <param name="BlockSize">Elements that share one absmax; a whole tensor when null.</param>
/// <param name="Relative">Mean of |u8 - u32| / |u32| over the elements whose exact update u32 is not zero.</param>
/// <param name="Absolute">Mean of |u8 - u32| over all elements, in learning rates.</param>
/// <param name="NextRelative">As <paramref name="Relative"/>, for the update that follows with the
/// recorded gradient.</param>
/// <param name="NextAbsolute">As <paramref name="Absolute"/>, for that update.</param>
/// <param name="EpsAlone">Share of the elements whose second moment was lost and whose first was not, in [0, 1]: eps
/// alone divides what is left of their update.</param>
internal sealed record ErrorRow(
    CodecPair Codecs, int? BlockSize, double Relative, double Absolute, double NextRelative, double NextAbsolute,
    double EpsAlone);

/// <summary>Errors of Adam's update by codec and block size.</summary>
internal static class ErrorTable
{
    /// <summary>Block sizes of the table; null is a whole tensor.</summary>
    public static IReadOnlyList<int?> BlockSizes { get; } = [32, 256, 2048, null];

    /// <summary>Trains with 32-bit states and records some of them.</summary>
    /// <param name="corpus">The text.</param>
    /// <param name="plan">A run with float32 states.</param>
    /// <param name="points">Steps to record before, evenly spread; the last is the last step.</param>
    /// <returns>The tensors that 8-bit optimizers quantize, at every point.</returns>
    public static IReadOnlyList<Snapshot> Record(WordCorpus corpus, RunPlan plan, int points)
    {
        HashSet<int> steps =
            [.. Enumerable.Range(1, points).Select(point => Math.Max(1, (plan.Steps * point / points) - 1))];
        List<Snapshot> snapshots = [];
        new TrainingRun(corpus, plan).Train((step, optimizer) =>
        {
            if (steps.Contains(step))
            {
                snapshots.AddRange(Record(step, optimizer));
            }
        });
        return snapshots;
    }

    /// <summary>Every codec pair with every block size, over all snapshots.</summary>
    public static IReadOnlyList<ErrorRow> Compute(IReadOnlyList<Snapshot> snapshots, Setting setting) =>
    [
        .. from codecs in CodecPair.All
           from blockSize in BlockSizes
           select Measure(snapshots, setting, codecs, blockSize),
    ];

    /// <summary>One row.</summary>
    public static ErrorRow Measure(
        IReadOnlyList<Snapshot> snapshots, Setting setting, CodecPair codecs, int? blockSize)
    {
        ErrorMean states = new(), next = new();
        long epsAlone = 0;
        foreach (Snapshot exact in snapshots)
        {
            float[] first = [.. exact.First];
            float[] second = [.. exact.Second];
            RoundedStates.Apply(first, codecs.First, blockSize);
            RoundedStates.Apply(second, codecs.Second, blockSize);
            var before = new AdamUpdate(setting, exact.Step);
            var after = new AdamUpdate(setting, exact.Step + 1);
            for (int i = 0; i < first.Length; i++)
            {
                float gradient = exact.Gradient[i];
                states.Add(before.OfStates(exact.First[i], exact.Second[i]), before.OfStates(first[i], second[i]));
                next.Add(after.WithGradient(exact.First[i], exact.Second[i], gradient),
                    after.WithGradient(first[i], second[i], gradient));
                epsAlone += exact.Second[i] != 0 && second[i] == 0 && first[i] != 0 ? 1 : 0;
            }
        }

        double elements = snapshots.Sum(exact => (long)exact.First.Length);
        return new ErrorRow(
            codecs, blockSize, states.Relative, states.Absolute, next.Relative, next.Absolute, epsAlone / elements);
    }

    private static IEnumerable<Snapshot> Record(int step, TorchOptimizer<Adam> optimizer) =>
        from one in optimizer.States
        where one.State.Length >= Variant.MinQuantizedLength && one.Parameter.grad is not null
        select new Snapshot(step, one.State.States["m"].Values.ToArray(), one.State.States["v"].Values.ToArray(),
            one.Parameter.grad!.data<float>().ToArray());
}

/// <summary>Adam's update in learning rates, with states corrected for their start at zero.</summary>
internal readonly struct AdamUpdate(Setting setting, int step)
{
    private readonly double _firstCorrection = 1 - Math.Pow(setting.Beta1, step);
    private readonly double _secondCorrection = 1 - Math.Pow(setting.Beta2, step);

    /// <summary>The update that states stand for, which is what the paper compares.</summary>
    public double OfStates(double first, double second) =>
        first / _firstCorrection / (Math.Sqrt(second / _secondCorrection) + setting.Eps);

    /// <summary>The update that follows when old states meet a gradient.</summary>
    public double WithGradient(double first, double second, double gradient) => OfStates(
        (setting.Beta1 * first) + ((1 - setting.Beta1) * gradient),
        (setting.Beta2 * second) + ((1 - setting.Beta2) * gradient * gradient));
}

/// <summary>Means of relative and absolute errors.</summary>
internal sealed class ErrorMean
{
    private double _relative;
    private double _absolute;
    private long _count;
    private long _countNotZero;

    /// <summary>Over the pairs whose exact value is not zero: a relative error of zero is not defined.</summary>
    public double Relative => _relative / _countNotZero;

    /// <summary>Over all pairs.</summary>
    public double Absolute => _absolute / _count;

    /// <summary>Adds a pair.</summary>
    public void Add(double exact, double actual)
    {
        double error = Math.Abs(actual - exact);
        _absolute += error;
        _count++;
        if (exact != 0)
        {
            _relative += error / Math.Abs(exact);
            _countNotZero++;
        }
    }
}
