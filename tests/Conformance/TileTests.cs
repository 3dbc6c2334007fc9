using Requant.Ilgpu;
using Requant.Testing;

namespace Requant.Conformance;

/// <summary>States of one rule that differ in block size: what they hold depends on their own blocks alone.</summary>
public class TileTests
{
    private const int StepCount = 3;

    /// <summary>Less than a block, whole tiles, and a ragged tile with a ragged block.</summary>
    public static TheoryData<int> Lengths => [1, 40, 64, 256, 300, 512, 1000, 4099];

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Tiles_EachState_HoldsWhatItDoesWithItsSizeForAll(int length)
    {
        foreach ((string state, int size) in new[] { ("m", 64), ("v", 256) })
        {
            Stored expected = Run(length, size, state);
            Stored actual = Run(length, null, state);
            Assert.Equal(size, actual.BlockSize);
            Assert.Equal(expected.Absmax, actual.Absmax);
            Assert.Equal(expected.Codes, actual.Codes);
        }
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Tiles_Parameters_AreTheRuleOfTheOldStates(int length)
    {
        using var optimizer = new Optimizer<Tiles>(new Tiles(), new OptimizerOptions { MinQuantizedLength = 0 });
        ParameterState state = optimizer.Add("w", length);
        float[] parameters = Data(length).Parameters(0);
        float[] expected = Data(length).Parameters(0);
        for (int step = 0; step < StepCount; step++)
        {
            float[] gradient = Data(length).Gradient(0, step);
            var m = new float[length];
            var v = new float[length];
            state.States["m"].Dequantize(m);
            state.States["v"].Dequantize(v);
            for (int i = 0; i < length; i++)
            {
                if (float.IsFinite(gradient[i]))
                {
                    Rules.Tiles(ref expected[i], gradient[i], ref m[i], ref v[i]);
                }
            }

            optimizer.Step(state, parameters, gradient);
            Assert.Equal(expected.Select(BitConverter.SingleToInt32Bits), parameters.Select(BitConverter.SingleToInt32Bits));
        }
    }

    [Fact]
    public void OddTiles_Sizes_AreTheStatesOwnAndTheirMultiple()
    {
        using var optimizer = new Optimizer<OddTiles>(new OddTiles(), new OptimizerOptions { MinQuantizedLength = 0 });
        ParameterState state = optimizer.Add("w", 1000);

        Assert.Equal(96, state.BlockSize);
        Assert.Equal([21L, 32L, 63L], new[] { "a", "b", "d" }.Select(name => state.States[name].BlockCount));
        Assert.Equal((3 * 1000L) + (sizeof(float) * (21 + 32 + 63 + 1000)), state.StateBytes);
        Assert.EndsWith("blocks of 48 and 32 and 16", state.ToString());
    }

    [Fact]
    public void OddTiles_BlockSizeOption_IsThatOfAllStates()
    {
        using var optimizer = new Optimizer<OddTiles>(
            new OddTiles(), new OptimizerOptions { MinQuantizedLength = 0, BlockSize = 128 });
        ParameterState state = optimizer.Add("w", 1000);

        Assert.Equal(128, state.BlockSize);
        Assert.All(state.States, one => Assert.Equal(128, one.BlockSize));
    }

    /// <summary>Lane 0 writes a block's next absmax, and all lanes read it in the second pass.</summary>
    [Fact]
    public void Tiles_Ptx_FencesScratchMemoryTwice()
    {
        string ptx = PtxCompiler.Compile(KernelOf<Tiles>().Method, "sm_90", Precision.Exact);

        Assert.Equal(2, ptx.Split("membar.gl").Length - 1);
        Assert.Equal(2, ptx.Split("bar.warp.sync").Length - 1);
    }

    private static DeviceKernel KernelOf<TRule>() where TRule : IOptimizerRule<TRule> =>
        DeviceKernels.Get<TRule>(0, 0, StateFormat.Declared, ElementType.Float32, ElementType.Float32)!;

    private static ConformanceCase Data(int length) =>
        new([length], BlockSize: null, IsQuantized: true, GradientKind.Mixed, StepCount, Seed: 1);

    private static Stored Run(int length, int? blockSize, string state)
    {
        using var optimizer = new Optimizer<Tiles>(
            new Tiles(), new OptimizerOptions { MinQuantizedLength = 0, BlockSize = blockSize });
        ParameterState all = optimizer.Add("w", length);
        float[] parameters = Data(length).Parameters(0);
        for (int step = 0; step < StepCount; step++)
        {
            optimizer.Step(all, parameters, Data(length).Gradient(0, step));
        }

        QuantizedState one = all.States[state];
        return new Stored(one.BlockSize, one.Absmax.ToArray(), one.Codes.ToArray());
    }

    private sealed record Stored(int BlockSize, float[] Absmax, byte[] Codes);
}
