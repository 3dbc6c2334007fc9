using Requant.Cpu;
using Requant.Quantization;
using Xunit;

namespace Requant.Runtime.Tests.Quantization;

public unsafe class StateTileTests
{
    [Fact]
    public void At_EveryBlockSizeAndIndex_HasTheAbsmaxOfTheIndexsBlock()
    {
        float[] absmax = [.. Enumerable.Range(0, 2 * BlockSizes.Max / BlockSizes.Min).Select(block => (float)block)];
        fixed (float* firstAbsmax = absmax)
        {
            for (int blockSize = BlockSizes.Min; blockSize <= BlockSizes.Max; blockSize += BlockSizes.Min)
            {
                int tileSize = BlockSizes.Max / blockSize * blockSize;
                int blocksPerTile = tileSize / blockSize;
                KernelArguments tensor = Tensor(tileSize, blockSize, firstAbsmax);
                BlockRange range = default;
                StateTile tile = StateTile.Open<DynamicCodec>(tensor, 0, 1, range);
                for (int index = 0; index < tileSize; index += BlockSizes.Min)
                {
                    Assert.Equal(blocksPerTile + (index / blockSize), tile.At((nuint)index + 15).OldAbsmax);
                }
            }
        }
    }

    [Fact]
    public void At_StateWithoutBlocks_HasNoAbsmax()
    {
        KernelArguments tensor = Tensor(BlockSizes.Max, 0, null);
        BlockRange range = default;
        StateTile tile = StateTile.Open<Float32Codec>(tensor, 0, 0, range);
        Assert.True(tile.At(BlockSizes.Max - 1).AbsmaxSlot is null);
    }

    [Fact]
    public void Updated_AnySixteenths_AreThoseAdded()
    {
        var random = new Random(1);
        for (int repeat = 0; repeat < 100; repeat++)
        {
            int[] added = [.. Enumerable.Range(0, random.Next(8)).Select(_ => random.Next(BlockSizes.Max))];
            UpdatedElements updated = default;
            Array.ForEach(added, index => updated.Add((nuint)index));
            int count = BlockSizes.Min * random.Next(1, 32);
            for (int start = 0; start + count <= BlockSizes.Max; start += BlockSizes.Min)
            {
                Assert.Equal(added.Any(index => index >= start && index < start + count), updated.AnyIn(start, count));
            }
        }
    }

    private static KernelArguments Tensor(int tileSize, int blockSize, float* absmax)
    {
        var tensor = new KernelArguments { Length = 2 * tileSize, BlockSize = tileSize, BlockCount = 2 };
        tensor.StatePointers[0] = new StatePointers { Absmax = absmax, BlockSize = blockSize };
        return tensor;
    }
}
