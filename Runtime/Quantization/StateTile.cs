using System.Runtime.CompilerServices;
using Requant.Cpu;

namespace Requant.Quantization;

/// <summary>The blocks of one state in a tile, open between load and encode. Kernels of rules whose states differ in block
/// size work on tiles: the least common multiple of the sizes, so that every tile begins with a block of each
/// state.</summary>
public readonly unsafe struct StateTile
{
    /// <summary>Fixed-point bits of <see cref="_reciprocal"/>.</summary>
    private const int ReciprocalBits = 16;

    private readonly StateBlock _first;
    private readonly int _blockSize;

    // 2^16 * 16 / block size, rounded up. Sixteenths of a tile and of a block are at most 256, and so exact multiples of it
    // give exact quotients. 0 for a state without blocks.
    private readonly uint _reciprocal;

    private StateTile(StateBlock first, int blockSize, uint reciprocal)
    {
        _first = first;
        _blockSize = blockSize;
        _reciprocal = reciprocal;
    }

    /// <summary>Where new values go: float32[tile length], scratch memory.</summary>
    public ref float Values
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref _first.Values;
    }

    /// <summary>Opens the blocks of one state in a tile.</summary>
    /// <typeparam name="TCodec">The state's codec.</typeparam>
    /// <param name="tensor">The tensor, with its states.</param>
    /// <param name="state">Number of the state, from 0 to <see cref="KernelArguments.MaxStates"/> - 1.</param>
    /// <param name="tile">Number of the tile, from 0 to <see cref="KernelArguments.BlockCount"/> - 1.</param>
    /// <param name="range">Holds the calling thread's scratch memory.</param>
    public static StateTile Open<TCodec>(in KernelArguments tensor, int state, long tile, in BlockRange range)
        where TCodec : struct, IStateCodec
    {
        StateBlock block = TCodec.Open(in tensor, state, tile, in range);
        if (block.AbsmaxSlot is null)
        {
            return new StateTile(block, tensor.BlockSize, 0);
        }

        ref readonly StatePointers pointers = ref tensor.StatePointers[state];
        int blockSize = pointers.BlockSize;
        long firstBlock = tile * (tensor.BlockSize / blockSize);
        uint sixteenths = (uint)(blockSize / BlockSizes.Min);
        uint reciprocal = ((1u << ReciprocalBits) + sixteenths - 1) / sixteenths;
        return new StateTile(new StateBlock(in pointers, tile * tensor.BlockSize, firstBlock, block.NewValues), blockSize, reciprocal);
    }

    /// <summary>The tile with the absmax of the block of element <paramref name="index"/>, for loads from there
    /// on.</summary>
    /// <param name="index">From 0 to the tile's length - 1. The 16 elements from a multiple of 16 on are of one
    /// block.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public StateBlock At(nuint index) => _first.AbsmaxSlot is null ? _first
        : _first.WithAbsmax(((uint)index / BlockSizes.Min * _reciprocal) >> ReciprocalBits);

    /// <summary>Encodes the new values of blocks that have an updated element; the others keep codes and
    /// absmax.</summary>
    /// <param name="length">Elements of the tile.</param>
    /// <param name="updated">The tile's elements whose gradient was finite.</param>
    /// <typeparam name="TCodec">The state's codec.</typeparam>
    public void Close<TCodec>(int length, in UpdatedElements updated)
        where TCodec : struct, IStateCodec
    {
        for (int start = 0; start < length; start += _blockSize)
        {
            if (updated.AnyIn(start, _blockSize))
            {
                TCodec.Close(BlockAt(start), Math.Min(_blockSize, length - start));
            }
        }
    }

    /// <summary>Puts the old values of all blocks into <see cref="Values"/>, with vectors of 4.</summary>
    /// <param name="length">Elements of the tile.</param>
    /// <typeparam name="TCodec">The state's codec.</typeparam>
    public void Decode128<TCodec>(int length)
        where TCodec : struct, IStateCodec
    {
        for (int start = 0; start < length; start += _blockSize)
        {
            TCodec.Decode128(BlockAt(start), Math.Min(_blockSize, length - start));
        }
    }

    /// <summary>Puts the old values of all blocks into <see cref="Values"/>, with vectors of 8.</summary>
    /// <param name="length">Elements of the tile.</param>
    /// <typeparam name="TCodec">The state's codec.</typeparam>
    public void Decode256<TCodec>(int length)
        where TCodec : struct, IStateCodec
    {
        for (int start = 0; start < length; start += _blockSize)
        {
            TCodec.Decode256(BlockAt(start), Math.Min(_blockSize, length - start));
        }
    }

    /// <summary>Puts the old values of all blocks into <see cref="Values"/>, with vectors of 16.</summary>
    /// <param name="length">Elements of the tile.</param>
    /// <typeparam name="TCodec">The state's codec.</typeparam>
    public void Decode512<TCodec>(int length)
        where TCodec : struct, IStateCodec
    {
        for (int start = 0; start < length; start += _blockSize)
        {
            TCodec.Decode512(BlockAt(start), Math.Min(_blockSize, length - start));
        }
    }

    /// <summary>Encodes the new values of all blocks with vectors of 4.</summary>
    /// <param name="length">Elements of the tile.</param>
    /// <typeparam name="TCodec">The state's codec.</typeparam>
    public void Close128<TCodec>(int length)
        where TCodec : struct, IStateCodec
    {
        for (int start = 0; start < length; start += _blockSize)
        {
            TCodec.Close128(BlockAt(start), Math.Min(_blockSize, length - start));
        }
    }

    /// <summary>Encodes the new values of all blocks with vectors of 8.</summary>
    /// <param name="length">Elements of the tile.</param>
    /// <typeparam name="TCodec">The state's codec.</typeparam>
    public void Close256<TCodec>(int length)
        where TCodec : struct, IStateCodec
    {
        for (int start = 0; start < length; start += _blockSize)
        {
            TCodec.Close256(BlockAt(start), Math.Min(_blockSize, length - start));
        }
    }

    /// <summary>Encodes the new values of all blocks with vectors of 16.</summary>
    /// <param name="length">Elements of the tile.</param>
    /// <typeparam name="TCodec">The state's codec.</typeparam>
    public void Close512<TCodec>(int length)
        where TCodec : struct, IStateCodec
    {
        for (int start = 0; start < length; start += _blockSize)
        {
            TCodec.Close512(BlockAt(start), Math.Min(_blockSize, length - start));
        }
    }

    private StateBlock BlockAt(int start) => _first.Skip(start, start / _blockSize);
}
