using System.Runtime.InteropServices;
using Requant.Samples.StateComparison;

namespace Requant.Samples.Tests.StateComparison;

/// <summary>What 8-bit storage leaves of values, against reference vectors and the codecs' definitions.</summary>
public class SimulatedStateTests
{
    private const int BlockSize = SimulatedState.BlockSize;

    /// <summary>Roundings of one value whose mean is taken.</summary>
    private const int Draws = 40_000;

    /// <summary>In gaps between codes: the mean's standard error is at most half a gap over the root of
    /// <see cref="Draws"/>, 0.0025, and the place between two codes is known to half of 1/256.</summary>
    private const double MeanTolerance = 0.015;

    [Theory]
    [InlineData(0, (int)SimulatedCodec.MiniFloat, true)]
    [InlineData(1, (int)SimulatedCodec.MiniFloat, false)]
    [InlineData(2, (int)SimulatedCodec.Dynamic, true)]
    [InlineData(3, (int)SimulatedCodec.Dynamic, false)]
    public void Round_ReferenceInput_GivesTheReferenceValues(int section, int codec, bool isSigned)
    {
        float[] values = [.. MemoryMarshal.Cast<byte, float>(ReadData("codec_in.bin"))];
        // Of each codec: codes uint8[n], absmax float32[n / 256], decoded float32[n].
        int sectionBytes =
            values.Length + (values.Length / BlockSize * sizeof(float)) + (values.Length * sizeof(float));
        ReadOnlySpan<byte> output = ReadData("codec_out.bin").AsSpan(section * sectionBytes, sectionBytes);
        float[] expected = [.. MemoryMarshal.Cast<byte, float>(output[^(values.Length * sizeof(float))..])];

        float[] rounded = isSigned ? values : Array.ConvertAll(values, MathF.Abs);
        new SimulatedState((SimulatedCodec)codec).Round(rounded, isSigned, seed: 1);

        Assert.Equal(expected, rounded);
    }

    [Fact]
    public void Round_SixteenAnOctave_GivesTheNearestOf127ValuesTheirNegativesAnd0()
    {
        float[] positive =
            [.. Enumerable.Range(1, 127).Select(code => BitConverter.Int32BitsToSingle((code + 1905) << 19))];
        float[] all = [0f, .. positive, .. positive.Select(value => -value)];
        Assert.Equal((1f, 1.125f / 256), (positive[^1], positive[0]));

        var random = new Random(1);
        for (int block = 0; block < 40; block++)
        {
            float[] values = [-1f, .. Enumerable.Range(1, BlockSize - 1).Select(_ => Uneven(random))];
            float[] expected = Array.ConvertAll(values, value => all.MinBy(code => Math.Abs(code - (double)value)));

            new SimulatedState(SimulatedCodec.SixteenPerOctave).Round(values, isSigned: true, seed: 1);

            Assert.Equal(expected, values);
        }
    }

    [Theory]
    [InlineData((int)SimulatedCodec.Dynamic, true)]
    [InlineData((int)SimulatedCodec.Dynamic, false)]
    [InlineData((int)SimulatedCodec.MiniFloat, true)]
    [InlineData((int)SimulatedCodec.MiniFloat, false)]
    [InlineData((int)SimulatedCodec.SixteenPerOctave, true)]
    public void Round_Stochastic_IsACodeBesideTheValue_AndItselfOnAverage(int codec, bool isSigned)
    {
        float[] values = isSigned
            ? [0.7f, -0.63f, 0.031f, -0.0071f, 0.9971f, -0.9981f]
            : [0.7f, 0.63f, 0.031f, 0.0071f, 0.9971f];
        foreach (float value in values)
        {
            float[] many = new float[Draws];
            for (int start = 0; start < Draws; start += BlockSize)
            {
                many.AsSpan(start, Math.Min(BlockSize, Draws - start)).Fill(value);
                many[start] = 1f;
            }

            new SimulatedState((SimulatedCodec)codec, IsStochastic: true).Round(many, isSigned, seed: 7);

            float[] rounded = [.. many.Where((_, i) => i % BlockSize != 0)];
            float[] codes = [.. rounded.Distinct().Order()];
            Assert.Equal(2, codes.Length);
            Assert.InRange(value, codes[0], codes[1]);
            Assert.InRange(
                (rounded.Average(one => (double)one) - value) / (codes[1] - codes[0]), -MeanTolerance, MeanTolerance);
        }
    }

    [Theory]
    [InlineData((int)SimulatedCodec.Dynamic, false, true)]
    [InlineData((int)SimulatedCodec.Dynamic, true, true)]
    [InlineData((int)SimulatedCodec.MiniFloat, false, true)]
    [InlineData((int)SimulatedCodec.MiniFloat, true, true)]
    [InlineData((int)SimulatedCodec.SixteenPerOctave, false, true)]
    [InlineData((int)SimulatedCodec.Dynamic, false, false)]
    [InlineData((int)SimulatedCodec.Dynamic, true, false)]
    [InlineData((int)SimulatedCodec.MiniFloat, false, false)]
    [InlineData((int)SimulatedCodec.MiniFloat, true, false)]
    public void Round_EndsAndZero_StayAsTheyAre_AndNothingElseOfAnUnsignedStateBecomes0(
        int codec, bool isStochastic, bool isSigned)
    {
        float[] values = [3f, isSigned ? -3f : 3f, 0f, 1e-30f];

        new SimulatedState((SimulatedCodec)codec, isStochastic).Round(values, isSigned, seed: 1);

        Assert.Equal([3f, isSigned ? -3f : 3f, 0f], values[..3]);
        Assert.Equal(isSigned, values[3] == 0f);
    }

    [Fact]
    public void Round_Blocks_HaveTheirOwnLargestMagnitude_OneWithoutInverseBecomesZeros()
    {
        float[] values = new float[(2 * BlockSize) + 3];
        values[0] = 5f;
        values.AsSpan(BlockSize, BlockSize).Fill(1e-39f);
        values[^2] = -7e-10f;

        new SimulatedState(SimulatedCodec.MiniFloat).Round(values, isSigned: true, seed: 1);

        Assert.Equal((5f, -7e-10f), (values[0], values[^2]));
        Assert.Equal(2, values.Count(value => value != 0));
    }

    [Fact]
    public void Round_Noise_IsAtMostAThousandthOfTheElement()
    {
        float[] values = Enumerable.Repeat(2f, 1000).ToArray();

        new SimulatedState(SimulatedCodec.Noise, IsStochastic: true).Round(values, isSigned: true, seed: 1);

        Assert.All(values, value => Assert.InRange(value, 1.998f, 2.002f));
        Assert.True(values.Distinct().Count() > 200);
    }

    private static byte[] ReadData(string name) =>
        File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Data", name));

    private static float Uneven(Random random) =>
        (random.Next(2) == 0 ? -1f : 1f) * MathF.Pow(2f, -12f * random.NextSingle());
}
