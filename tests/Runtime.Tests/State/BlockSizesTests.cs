using Requant.Cpu;
using Requant.Ilgpu;
using Xunit;

namespace Requant.Runtime.Tests.State;

public class BlockSizesTests
{
    [Theory]
    [InlineData(new[] { 256 }, 256)]
    [InlineData(new[] { 256, 256 }, 256)]
    [InlineData(new[] { 2048, 256, 64 }, 2048)]
    [InlineData(new[] { 48, 32 }, 96)]
    [InlineData(new[] { 4080, 4064, 4048, 4016 }, 65809428960L)]
    public void OfTile_BlockSizes_IsTheirLeastCommonMultiple(int[] sizes, long expected)
    {
        StateInfo[] states = [.. sizes.Select(size => new StateInfo("m", Codec.Dynamic, size))];
        Assert.Equal(expected, BlockSizes.OfTile(states));
        Assert.Equal(sizes.Distinct().Count() > 1, BlockSizes.AreMixed(states));
    }

    [Fact]
    public void OfTile_StatesThatAreNeverQuantized_DoNotCount()
    {
        var quantized = new StateInfo("m", Codec.Linear, 64);
        var exact = new StateInfo("v", Codec.Float32, 48);
        Assert.Equal(64, BlockSizes.OfTile([exact, quantized]));
        Assert.False(BlockSizes.AreMixed([exact, quantized]));
        Assert.Equal(48, BlockSizes.OfTile([exact]));
        Assert.Equal(256, BlockSizes.OfTile([]));
    }

    [Fact]
    public void Optimizer_TileAboveTheLargest_NamesRuleAndSize()
    {
        var error = Assert.Throws<ArgumentException>(() => new Optimizer<WideTiles>(default));
        Assert.Contains("WideTiles is 6144", error.Message);
        using var optimizer = new Optimizer<WideTiles>(default, new OptimizerOptions { BlockSize = 128 });
        Assert.Equal(128, optimizer.Add("w", 10).BlockSize);
    }

    /// <summary>A rule by hand, which no generator has checked.</summary>
    private readonly struct WideTiles : IOptimizerRule<WideTiles>
    {
        public static RuleInfo Info { get; } = new(
            nameof(WideTiles), "", Precision.Exact, "",
            [new StateInfo("m", Codec.Dynamic, 2048), new StateInfo("v", Codec.Dynamic, 48)], [], [], [], 1, 1, 0);

        public static BlockKernel GetCpuKernel(int variant, int phase, SimdWidth width, StateFormat states) =>
            throw new NotSupportedException();

        public static DeviceKernel GetDeviceKernel<TParameter, TGradient>(int variant, int phase, StateFormat states)
            where TParameter : struct, IDeviceElementType
            where TGradient : struct, IDeviceElementType =>
            throw new NotSupportedException();

        public int SelectVariant(int step, int unusedStates) => 0;

        public int StatesInUse() => 0;

        public void ComputeUniforms(
            int phase, int step, int unusedStates, ReadOnlySpan<float> tensorStates, ReadOnlySpan<float> reductions, Span<float> uniforms)
        {
        }

        public double GetHyperparameter(int index) => throw new NotSupportedException();

        public WideTiles WithHyperparameter(int index, double value) => throw new NotSupportedException();
    }
}
