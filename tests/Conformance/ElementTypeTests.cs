using Requant.Testing;
using Requant.Tests;

namespace Requant.Conformance;

/// <summary>What a step means on 16-bit elements; that all backends agree on it is in
/// <see cref="BackendTests"/>.</summary>
public class ElementTypeTests
{
    private static readonly string[] Rules = ["Adam", "Momentum", "Lamb"];
    private static readonly int[] Lengths = [0, 1, 255, 256, 257, 1003];

    public static TheoryData<string, ElementType, ElementType> Cases =>
    [
        .. from rule in Rules
           from parameter in Enum.GetValues<ElementType>()
           from gradient in Enum.GetValues<ElementType>()
           select (rule, parameter, gradient),
    ];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Scalar_AnyTypes_WidensStepsInFloat32AndRounds(
        string rule, ElementType parameter, ElementType gradient) =>
        CaseTable.With(rule, new ReferenceCheck(parameter, gradient));

    private sealed class ReferenceCheck(ElementType parameter, ElementType gradient) : IRuleCheck
    {
        public void Run<TRule>(TRule rule) where TRule : IOptimizerRule<TRule>
        {
            foreach (GradientKind kind in new[] { GradientKind.Plain, GradientKind.Mixed })
            {
                RunCase(
                    rule, new ConformanceCase(Lengths, BlockSize: 256, IsQuantized: true, kind, Steps: 3, Seed: 20_251)
                    {
                        ParameterType = parameter,
                        GradientType = gradient,
                    });
            }
        }

        /// <summary>The float32 parameter of the reference is set anew before each step; its states must
        /// never differ.</summary>
        private static void RunCase<TRule>(TRule rule, ConformanceCase data) where TRule : IOptimizerRule<TRule>
        {
            using var reference = new Optimizer<TRule>(
                rule, data.Options with { SimdWidth = SimdWidth.Scalar, MaxThreads = 1 });
            ParameterState[] states = [.. data.Lengths.Select((length, tensor) => reference.Add($"{tensor}", length))];
            byte[][] old = [.. states.Select((_, tensor) => data.ParameterBytes(tensor))];
            int step = 0;
            foreach (Snapshot actual in new CpuBackend(SimdWidth.Scalar, threads: 1).Run(rule, data))
            {
                step++;
                var expected = new Snapshot();
                int skipped = 0;
                for (int tensor = 0; tensor < states.Length; tensor++)
                {
                    float[] gradient = data.Gradient(tensor, step);
                    float[] parameter = Widen(data.ParameterType, old[tensor]);
                    reference.Step(states[tensor], parameter, gradient);
                    old[tensor] = Merge(old[tensor], Elements.Round(data.ParameterType, parameter), gradient);
                    skipped += gradient.Count(value => !float.IsFinite(value));
                    expected.Add(tensor, data.ParameterType, old[tensor], states[tensor]);
                }

                expected.AddSkipped(skipped);
                Assert.Equal(expected.Fields.Count, actual.Fields.Count);
                Assert.All(expected.Fields.Zip(actual.Fields), pair =>
                {
                    Assert.Equal(pair.First.Name, pair.Second.Name);
                    Assert.Equal(pair.First.Bytes.ToArray(), pair.Second.Bytes.ToArray());
                });
            }

            Assert.Equal(data.Steps, step);
        }

        private static float[] Widen(ElementType type, byte[] bytes)
        {
            int size = type == ElementType.Float32 ? sizeof(float) : sizeof(ushort);
            return [.. bytes.Chunk(size).Select(one => type switch
            {
                ElementType.Float32 => BitConverter.ToSingle(one),
                ElementType.Float16 => (float)BitConverter.ToHalf(one),
                _ => BitConverter.Int32BitsToSingle(BitConverter.ToUInt16(one) << 16),
            })];
        }

        /// <summary>The new parameters, and the old bits where the gradient is not finite.</summary>
        private static byte[] Merge(byte[] old, byte[] rounded, float[] gradient)
        {
            int size = gradient.Length == 0 ? 1 : old.Length / gradient.Length;
            return [.. rounded.Select((value, index) => float.IsFinite(gradient[index / size]) ? value : old[index])];
        }
    }
}
