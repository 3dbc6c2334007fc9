using Requant.Optimizers.Tests.Published;

namespace Requant.Optimizers.Tests.Checkpoints;

/// <summary>A run that is saved and loaded leaves the bits of one that is not interrupted, for every rule.</summary>
public sealed class ResumeTests
{
    private const int StepsBefore = 3;

    private const int StepsAfter = 4;

    public static TheoryData<string> Shipped => [.. RuleTable.Names];

    public static TheoryData<string> PublishedRules => [.. PublishedTable.Names];

    [Theory, MemberData(nameof(Shipped))]
    public void Load_ShippedRule_GoesOnBitForBit(string rule) => RuleTable.Run(rule, new Resume());

    [Theory, MemberData(nameof(PublishedRules))]
    public void Load_PublishedRule_GoesOnBitForBit(string rule) => PublishedTable.Run(rule, new Resume());

    private sealed class Resume : IRuleCheck
    {
        public void Run<TRule>(TRule rule, Reference reference, Tolerances allowed) where TRule : IOptimizerRule<TRule>
        {
            string folder = Directory.CreateTempSubdirectory("requant-").FullName;
            string saved = Path.Combine(folder, "saved.safetensors");
            using var uninterrupted = new Training<TRule>(rule);
            uninterrupted.Take(first: 1, StepsBefore);
            uninterrupted.Optimizer.Save(saved);
            float[][] parameters = [.. uninterrupted.Parameters.Select(values => (float[])values.Clone())];
            uninterrupted.Take(1 + StepsBefore, StepsAfter);

            // Hyperparameters and states of its own, all of which the checkpoint replaces.
            using var resumed = new Training<TRule>(rule.WithHyperparameter(0, 0.25));
            resumed.Take(first: 50, 2);
            resumed.Optimizer.Load(saved);
            resumed.Parameters = parameters;
            resumed.Take(1 + StepsBefore, StepsAfter);

            Assert.Equal(uninterrupted.Optimizer.Rule, resumed.Optimizer.Rule);
            Assert.Equal(uninterrupted.Bits(), resumed.Bits());
            Assert.Equal(uninterrupted.Saved(folder), resumed.Saved(folder));
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>An optimizer of quantized tensors, one with a ragged last block, and of one that is kept in float32.</summary>
    private sealed class Training<TRule> : IDisposable where TRule : IOptimizerRule<TRule>
    {
        private static readonly int[] Lengths = [4096, 5003, 77];

        public Training(TRule rule)
        {
            Optimizer = new Optimizer<TRule>(rule);
            Parameters = [.. Lengths.Select(Data.Parameters)];
            foreach (int length in Lengths)
            {
                Optimizer.Add($"w{length}", length);
            }
        }

        public Optimizer<TRule> Optimizer { get; }

        public float[][] Parameters { get; set; }

        public void Take(int first, int count)
        {
            for (int step = first; step < first + count; step++)
            {
                for (int i = 0; i < Lengths.Length; i++)
                {
                    Optimizer.Step(Optimizer.Parameters[i], Parameters[i], Data.Gradients(Lengths[i], step));
                }
            }
        }

        /// <summary>The parameters; <see cref="Saved"/> has the states.</summary>
        public uint[] Bits() => [.. Parameters.SelectMany(values => values).Select(BitConverter.SingleToUInt32Bits)];

        public byte[] Saved(string folder)
        {
            string path = Path.Combine(folder, "bits.safetensors");
            Optimizer.Save(path);
            return File.ReadAllBytes(path);
        }

        public void Dispose() => Optimizer.Dispose();
    }
}
