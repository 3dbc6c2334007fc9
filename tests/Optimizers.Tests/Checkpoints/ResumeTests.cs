using Requant.Optimizers.Tests.Matrices;
using Requant.Optimizers.Tests.Published;

namespace Requant.Optimizers.Tests.Checkpoints;

/// <summary>A run that is saved and loaded leaves the bits of one that is not interrupted, for every rule.</summary>
public sealed class ResumeTests
{
    private const int StepsBefore = 3;

    private const int StepsAfter = 4;

    public static TheoryData<string> Shipped => [.. ReferenceTable.Names];

    public static TheoryData<string> PublishedRules => [.. PublishedTable.Names];

    public static TheoryData<string> Matrices => [.. MatrixTable.Names];

    public static TheoryData<string> PublishedMatrices => [.. PublishedLineTable.Names];

    public static MatrixTheoryData<ParameterRounding, StateRounding> Roundings =>
        new(Enum.GetValues<ParameterRounding>(), Enum.GetValues<StateRounding>());

    [Theory, MemberData(nameof(Shipped))]
    public void Load_ShippedRule_GoesOnBitForBit(string rule) => ReferenceTable.Run(rule, new Resume());

    [Theory, MemberData(nameof(PublishedRules))]
    public void Load_PublishedRule_GoesOnBitForBit(string rule) => PublishedTable.Run(rule, new Resume());

    [Theory, MemberData(nameof(Matrices))]
    public void Load_MatrixRule_GoesOnBitForBit(string rule) => MatrixTable.Run(rule, [1], new Resume());

    [Theory, MemberData(nameof(PublishedMatrices))]
    public void Load_PublishedLineRule_GoesOnBitForBit(string rule) =>
        PublishedLineTable.Run(rule, [1], new Resume());

    /// <summary>All codecs, and all pairs of roundings; the seed is the file's.</summary>
    [Theory, MemberData(nameof(Roundings))]
    public void Load_EveryCodecAndRounding_GoesOnBitForBit(ParameterRounding rounding, StateRounding states)
    {
        var options =
            new OptimizerOptions { Rounding = rounding, StateRounding = states, RoundingSeed = 0xfedc_ba98_7654_3210 };
        AssertResumes(new SignedCodecs(), options);
        AssertResumes(new UnsignedCodecs(), options);
        AssertResumes(new OtherCodecs(), options);
        AssertResumes(new OtherCodecs(), options with { StateRounding = null });
        AssertResumes(new Adam { Amsgrad = true }, options with { Codecs = StateCodecs.Dynamic });
        AssertResumes(new Adam { Amsgrad = true }, options with { Codecs = StateCodecs.MiniFloat, BlockSize = 64 });
        AssertResumes(new Lamb(), options with { Codecs = StateCodecs.MiniFloat });
        AssertResumes(new Adam(), options with { Codecs = StateCodecs.Float32 });
    }

    private sealed class Resume : IReferenceCheck
    {
        public void Run<TRule>(TRule rule, Reference reference, Tolerances allowed)
            where TRule : IOptimizerRule<TRule> =>
            AssertResumes(rule);
    }

    private static void AssertResumes<TRule>(TRule rule, OptimizerOptions? options = null)
        where TRule : IOptimizerRule<TRule>
    {
        options ??= new OptimizerOptions();
        string folder = Directory.CreateTempSubdirectory("requant-").FullName;
        string saved = Path.Combine(folder, "saved.safetensors");
        using var uninterrupted = new Training<TRule>(rule, options);
        uninterrupted.Take(first: 1, StepsBefore);
        uninterrupted.Optimizer.Save(saved);
        Training<TRule>.Weights weights = uninterrupted.Parameters.Copy();
        uninterrupted.Take(1 + StepsBefore, StepsAfter);

        // Hyperparameters, states and a seed of its own, all of which the checkpoint replaces.
        using var resumed = new Training<TRule>(rule.WithHyperparameter(0, 0.25), options with { RoundingSeed = 1 });
        resumed.Take(first: 50, 2);
        resumed.Optimizer.Load(saved);
        resumed.Parameters = weights;
        resumed.Take(1 + StepsBefore, StepsAfter);

        Assert.Equal(uninterrupted.Optimizer.Rule, resumed.Optimizer.Rule);
        Assert.Equal(uninterrupted.Parameters.Bits(), resumed.Parameters.Bits());
        Assert.Equal(uninterrupted.Saved(folder), resumed.Saved(folder));
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>An optimizer of quantized tensors, one with a ragged last block, of one that is kept in float32, and of
    /// one of bfloat16: matrices but for the second.</summary>
    private sealed class Training<TRule> : IDisposable where TRule : IOptimizerRule<TRule>
    {
        private const int ShortLength = 4200;

        private static readonly int[] Lengths = [4096, 5003, 77];

        private static readonly long[][] Shapes = [[128, 32], [5003], [7, 11], [60, 14, 5]];

        public Training(TRule rule, OptimizerOptions options)
        {
            Optimizer = new Optimizer<TRule>(rule, options);
            Parameters = new Weights(
                [.. Lengths.Select(Data.Parameters)],
                [.. Data.Parameters(ShortLength).Select(value => (BFloat16)value)]);
            foreach (long[] shape in Shapes)
            {
                Optimizer.Add($"w{string.Join('x', shape)}", shape);
            }
        }

        public Optimizer<TRule> Optimizer { get; }

        public Weights Parameters { get; set; }

        public void Take(int first, int count)
        {
            for (int step = first; step < first + count; step++)
            {
                for (int i = 0; i < Lengths.Length; i++)
                {
                    Optimizer.Step(Optimizer.Parameters[i], Parameters.Floats[i], Data.Gradients(Lengths[i], step));
                }

                Optimizer.Step<BFloat16, float>(
                    Optimizer.Parameters[Lengths.Length], Parameters.Shorts, Data.Gradients(ShortLength, step));
            }
        }

        /// <summary>The states' bits.</summary>
        public byte[] Saved(string folder)
        {
            string path = Path.Combine(folder, "bits.safetensors");
            Optimizer.Save(path);
            return File.ReadAllBytes(path);
        }

        public void Dispose() => Optimizer.Dispose();

        public sealed record Weights(float[][] Floats, BFloat16[] Shorts)
        {
            public Weights Copy() =>
                new([.. Floats.Select(values => (float[])values.Clone())], (BFloat16[])Shorts.Clone());

            public uint[] Bits() =>
            [
                .. Floats.SelectMany(values => values).Concat(Shorts.Select(value => (float)value))
                    .Select(BitConverter.SingleToUInt32Bits),
            ];
        }
    }
}
