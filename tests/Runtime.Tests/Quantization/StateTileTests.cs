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

    [Theory, MemberData(nameof(Widths.All), MemberType = typeof(Widths))]
    public void Close_RoundedStochastically_TakesEachElementsOwnByte(Width width)
    {
        const int BlockSize = 48;
        const int TileSize = 4 * BlockSize;
        const ulong Key = 0x6fee8ae196e4b2dd;
        var random = new Random(1);
        float[] scratch = new float[BlockSizes.Max];
        byte[] codes = new byte[2 * TileSize];
        float[] absmax = new float[2 * TileSize / BlockSize];
        float[] values = [.. Enumerable.Range(0, TileSize).Select(_ => random.NextSingle() - 0.5f)];
        fixed (float* firstScratch = scratch, firstAbsmax = absmax)
        fixed (byte* firstCode = codes)
        {
            KernelArguments tensor = Tensor(TileSize, BlockSize, firstAbsmax);
            tensor.StatePointers[0].Codes = firstCode;
            tensor.StatePointers[0].IsStochastic = true;
            tensor.StatePointers[0].RandomKey = Key;
            BlockRange range = new() { ScratchPointer = firstScratch };
            StateTile tile = StateTile.Open<MiniFloatCodec>(tensor, 0, 1, range);
            values.CopyTo(scratch, 0);
            Close(tile, width, TileSize);
        }

        Codebook codebook = Codebook.For(Codec.MiniFloat);
        for (int i = 0; i < TileSize; i++)
        {
            float blockAbsmax = values[(i / BlockSize * BlockSize)..][..BlockSize].Max(MathF.Abs);
            byte ownByte = new RandomBytes(0, Key).At(TileSize + i);
            Assert.Equal(codebook.EncodeStochastic(values[i] * (1f / blockAbsmax), ownByte), codes[TileSize + i]);
            Assert.Equal(blockAbsmax, absmax[(TileSize + i) / BlockSize]);
        }
    }

    private static void Close(StateTile tile, Width width, int length)
    {
        UpdatedElements all = default;
        for (int i = 0; i < length; i += BlockSizes.Min)
        {
            all.Add((nuint)i);
        }

        switch (width)
        {
            case Width.Scalar: tile.Close<MiniFloatCodec>(length, all); break;
            case Width.Vector128: tile.Close128<MiniFloatCodec>(length); break;
            case Width.Vector256: tile.Close256<MiniFloatCodec>(length); break;
            default: tile.Close512<MiniFloatCodec>(length); break;
        }
    }

    private static KernelArguments Tensor(int tileSize, int blockSize, float* absmax)
    {
        var tensor = new KernelArguments { Length = 2 * tileSize, BlockSize = tileSize, BlockCount = 2 };
        tensor.StatePointers[0] = new StatePointers { Absmax = absmax, BlockSize = blockSize };
        return tensor;
    }
}
