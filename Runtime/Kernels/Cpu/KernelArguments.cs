using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Requant.CompilerServices;

/// <summary>Updates the blocks of <paramref name="range"/> of one tensor; emitted by the generator.</summary>
/// <param name="tensor">The tensor, its gradient, states and uniform values.</param>
/// <param name="range">Which blocks, and the scratch memory of the calling thread.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public delegate void BlockKernel(in KernelArguments tensor, ref BlockRange range);

/// <summary>One tensor in one phase of one step, as generated CPU kernels see it. Memory is the caller's and stays
/// fixed for the duration of the step.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public unsafe partial struct KernelArguments
{
    /// <summary>The most per-element states that a rule can have.</summary>
    public const int MaxStates = 4;

    private const int InfinityBits = 0x7f800000;

    internal ElementMemory Parameter;
    internal ElementMemory Gradient;
    internal float* UniformPointer;
    internal float* PartialPointer;

    /// <summary>What <c>GradientSquares</c> writes: one for each block.</summary>
    internal double* SquarePointer;
    internal StatePointerList StatePointers;
    internal bool PropagatesNonFinite;

    /// <summary>Whether kernels count the elements that take part; otherwise all do.</summary>
    internal bool Counts;

    /// <summary>Whether a pass over the gradients has found all finite.</summary>
    internal bool AreGradientsFinite;
    internal LineMemory Lines;

    /// <summary>Elements of the tensor.</summary>
    public long Length { get; internal set; }

    /// <summary>Elements of a block, which kernels take at a time.</summary>
    public int BlockSize { get; internal set; }

    /// <summary>Such blocks of the tensor; the last one may be ragged.</summary>
    public long BlockCount { get; internal set; }

    /// <summary>The first of those blocks that there is memory of: 0 but for a part of a tensor.</summary>
    internal long FirstBlock;

    /// <summary>Elements in <paramref name="block"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly int BlockLength(long block) => (int)Math.Min(BlockSize, Length - (block * BlockSize));

    /// <summary>The parameter elements of <paramref name="block"/> as float32[<see cref="BlockLength"/>]: themselves,
    /// or scratch memory where they have 16 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ref float OpenParameter(long block, in BlockRange range) =>
        ref *Parameter.Open(block * BlockSize, BlockLength(block), range.ParameterScratch);

    /// <summary>Rounds what a kernel wrote to the elements of <see cref="OpenParameter"/> where they have 16 bits. An
    /// element that it left alone keeps its bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void CloseParameter(long block, in BlockRange range) =>
        Parameter.Close(block * BlockSize, BlockLength(block), range.ParameterScratch);

    /// <summary>Undoes what a kernel wrote to the elements of <see cref="OpenParameter"/>, all of which it kept in
    /// <see cref="BlockRange.OldParameters"/>.</summary>
    public readonly void RestoreParameter(long block, in BlockRange range) =>
        Parameter.Restore(block * BlockSize, BlockLength(block), range.ParameterScratch);

    /// <summary>The gradient elements of <paramref name="block"/> as float32[<see cref="BlockLength"/>]: themselves, or
    /// scratch memory where they have 16 bits or are multiplied by a gradient scale.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ref float OpenGradient(long block, in BlockRange range) =>
        ref *Gradient.Open(block * BlockSize, BlockLength(block), range.GradientScratch);

    /// <summary>Whether an element with this gradient, or with this new value of a state, is updated: one that is not
    /// finite is skipped, unless <see cref="NonFinitePolicy.Propagate"/> is in force.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool IsUpdated(float value) => float.IsFinite(value) || PropagatesNonFinite;

    /// <summary>Whether <see cref="IsUpdated(float)"/> holds for all values that were seen in each lane.</summary>
    /// <param name="largest">See <see cref="LargestMagnitude"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool IsUpdated(Vector128<int> largest) =>
        Vector128.LessThanAll(largest, Vector128.Create(InfinityBits)) || PropagatesNonFinite;

    /// <inheritdoc cref="IsUpdated(Vector128{int})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool IsUpdated(Vector256<int> largest) =>
        Vector256.LessThanAll(largest, Vector256.Create(InfinityBits)) || PropagatesNonFinite;

    /// <inheritdoc cref="IsUpdated(Vector128{int})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool IsUpdated(Vector512<int> largest) =>
        Vector512.LessThanAll(largest, Vector512.Create(InfinityBits)) || PropagatesNonFinite;

    /// <summary>Whether <see cref="IsUpdated(float)"/> holds for all gradients of a block.</summary>
    /// <param name="gradients">The first one.</param>
    /// <param name="length">Elements; 0 or more.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool TakesAll(ref float gradients, int length) =>
        PropagatesNonFinite || AreGradientsFinite || Gradients.AllFinite(ref gradients, length);

    /// <summary>A value computed once per tensor and step on the host.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly float Uniform(int index) => UniformPointer[index];

    /// <summary>Records the partial result of a reduction over one block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void SetPartial(int reduction, long block, float value) =>
        PartialPointer[(reduction * BlockCount) + block] = value;

    /// <summary>Records that all elements of a block take part in a reduction that counts them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void SetCount(int reduction, long block, int length)
    {
        if (Counts)
        {
            SetPartial(reduction, block, length);
        }
    }
}

/// <summary>Blocks for one call of a kernel, the calling thread's scratch memory, and what the
/// kernel counted.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public unsafe struct BlockRange
{
    /// <summary>Blocks of scratch memory beside those of <see cref="Scratch"/>: one for the parameter, one for the
    /// gradient, one to fold sums of rows in.</summary>
    internal const int ElementSlots = 3;

    internal float* ParameterScratch;
    internal float* GradientScratch;
    internal float* FoldScratch;
    internal float* ScratchPointer;

    /// <summary>First block.</summary>
    public long First { get; internal set; }

    /// <summary>One past the last block.</summary>
    public long End { get; internal set; }

    /// <summary>The elements of those blocks that sums of columns take: the first one of the tensor.</summary>
    internal long FirstElement;

    /// <summary>One past the last of those elements.</summary>
    internal long EndElement;

    /// <summary>One past the block that <see cref="Row"/> and <see cref="Column"/> are of; 0 before the
    /// first.</summary>
    internal long LocatedEnd;

    internal long Row;

    internal long Column;

    /// <summary>Elements skipped because their gradient or a new state was not finite.</summary>
    public long Skipped { get; set; }

    /// <summary>Where a kernel keeps the old parameters of a block, for <see cref="KernelArguments.RestoreParameter"/>.
    /// Where those have 16 bits, and their memory is as it was, it is also where
    /// <see cref="KernelArguments.OpenParameter"/> has put them: an old value has to be written before
    /// the new one.</summary>
    public readonly ref float OldParameters
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref *ParameterScratch;
    }

    /// <summary>Scratch for one block, 64-byte aligned: slots 0 to 3 for new state values, further ones
    /// for reductions.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ref float Scratch(int slot) => ref *ScratchAt(slot);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal readonly float* ScratchAt(int slot) => ScratchPointer + (slot * BlockSizes.Max);
}

/// <summary>Where one state of one tensor lies. Quantized: <see cref="Codes"/> uint8[n] and <see cref="Absmax"/>
/// float32[ceil(n / block size)]; otherwise <see cref="Values"/> float32[n].</summary>
internal unsafe struct StatePointers
{
    public byte* Codes;
    public float* Absmax;
    public float* Values;

    /// <summary>Whether new values are rounded stochastically.</summary>
    public bool IsStochastic;

    /// <summary>Key of the state's random bytes in this step.</summary>
    public ulong RandomKey;

    /// <summary>Where the whole state would lie of which this is a part.</summary>
    /// <param name="start">The part's first element.</param>
    /// <param name="block">Its first block.</param>
    public readonly StatePointers From(long start, long block) => this with
    {
        Codes = Codes - start,
        Absmax = Absmax - block,
        Values = Values - start,
    };
}

[InlineArray(KernelArguments.MaxStates)]
internal struct StatePointerList
{
    private StatePointers _first;
}
