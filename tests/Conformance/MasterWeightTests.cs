using System.Runtime.InteropServices;
using Requant.Numerics;
using Requant.Tests;

namespace Requant.Conformance;

/// <summary>A bfloat16 parameter with remainders trains bit for bit as a float32 one. That all backends leave the bits
/// of the scalar kernels is in <see cref="BackendTests"/>.</summary>
public class MasterWeightTests
{
    private const int Steps = 4;
    private const int Seed = 11;
    private static readonly int[] Lengths = [1, 600];

    public static TheoryData<string> Rules => [.. CaseTable.Rules];

    [Theory]
    [MemberData(nameof(Rules))]
    public void Training_WithRemainders_IsThatOfFloat32(string rule) => CaseTable.With(rule, new Check());

    private sealed class Check : IRuleCheck
    {
        public void Run<TRule>(TRule rule)
            where TRule : IOptimizerRule<TRule>
        {
            foreach (SimdWidth width in SimdWidths.Supported)
            {
                Array.ForEach(Lengths, length => Compare(rule, width, length));
            }
        }

        private static void Compare<TRule>(TRule rule, SimdWidth width, int length)
            where TRule : IOptimizerRule<TRule>
        {
            var options = new OptimizerOptions
            {
                MinQuantizedLength = 0, SimdWidth = width, MasterWeights = MasterWeights.Remainder16,
            };
            using var whole = new Optimizer<TRule>(rule, options);
            using var single = new Optimizer<TRule>(rule, options);
            ParameterState state = whole.Add("w", length);
            ParameterState expected = single.Add("w", length);
            BFloat16[] elements = Array.ConvertAll(HardValues.Parameters(length, Seed), BFloat16.FromSingle);
            float[] weights = Array.ConvertAll(elements, element => element.ToSingle());
            float[] joined = new float[length];
            for (int step = 1; step <= Steps; step++)
            {
                float[] gradient = HardValues.Hard(length, Seed + step);
                whole.Step<BFloat16, float>(state, elements, gradient);
                single.Step(expected, weights, gradient);
                state.ReadMasterWeights(elements, joined);

                Assert.Equal(Bits(weights), Bits(joined));
                Assert.Equal(
                    Array.ConvertAll(weights, Nearest),
                    Array.ConvertAll(elements, element => element.ToSingle()));
                foreach ((QuantizedState one, QuantizedState other) in expected.States.Zip(state.States))
                {
                    float[] values = new float[length];
                    float[] others = new float[length];
                    one.Dequantize(values);
                    other.Dequantize(others);
                    Assert.Equal(Bits(values), Bits(others));
                }
            }
        }

        /// <summary>The nearest bfloat16, half way the larger magnitude, by values alone.</summary>
        private static float Nearest(float value)
        {
            if (!float.IsFinite(value))
            {
                return value;
            }

            float below = BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(value) & ~0xffff);
            double above = below + (double)MathF.CopySign(
                MathF.ScaleB(1f, Math.Max(MathF.ILogB(below == 0 ? float.Epsilon : below), -126) - 7), value);
            bool isNearerBelow = Math.Abs((double)value - below) < Math.Abs(above - value);
            return isNearerBelow ? below : (float)above;
        }

        private static int[] Bits(float[] values) => Array.ConvertAll(
            values, value => float.IsNaN(value) ? -1 : BitConverter.SingleToInt32Bits(value));
    }
}
