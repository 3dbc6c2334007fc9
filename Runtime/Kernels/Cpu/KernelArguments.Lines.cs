using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Requant.CompilerServices;

/// <content>Rows, columns and matrices.</content>
public unsafe partial struct KernelArguments
{
    /// <summary>A value of one row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ref float Row(int value, long row) => ref Lines.RowValues[value][row];

    /// <summary>A value of one column.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ref float Column(int value, long column) => ref Lines.ColumnValues[value][column];

    /// <summary>The elements of a matrix in <paramref name="block"/>: float32[<see cref="BlockLength"/>].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ref float OpenMatrix(int matrix, long block) => ref Lines.Matrices[matrix][block * BlockSize];

    /// <summary>Finds the row and the column that <paramref name="block"/> begins in, for all that a kernel asks of its
    /// rows and columns; blocks one after another take an addition.</summary>
    /// <param name="block">The block.</param>
    /// <param name="range">The range that the block is in: keeps them.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Locate(long block, ref BlockRange range)
    {
        bool isNext = block > 0 && range.LocatedEnd == block;
        range.Column = isNext ? range.Column + BlockSize : block * BlockSize;
        range.Row = isNext ? range.Row : 0;
        if (range.Column >= Lines.Columns)
        {
            (long rows, range.Column) = Math.DivRem(range.Column, Lines.Columns);
            range.Row += rows;
        }

        range.LocatedEnd = block + 1;
    }

    /// <summary>What the index of an element is masked by to find its value in <see cref="OpenRow"/>: 0 where the block
    /// is of one row.</summary>
    /// <param name="length">Elements of the block.</param>
    /// <param name="range">The range that the block is in, which is located.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly nuint RowMask(int length, in BlockRange range) =>
        length <= Lines.Columns - range.Column ? 0 : nuint.MaxValue;

    /// <summary>A value of rows for each element of a block, or where that is of one row, for a vector's.</summary>
    /// <param name="value">Which one.</param>
    /// <param name="length">Elements of the block.</param>
    /// <param name="scratch">float32[<see cref="BlockSizes.Max"/>]: takes them.</param>
    /// <param name="range">The range that the block is in, which is located.</param>
    public readonly ref float OpenRow(int value, int length, ref float scratch, in BlockRange range)
    {
        float* values = Lines.RowValues[value];
        LineSegment segment = First(length, range);
        if (segment.Length == length)
        {
            Vector512.Create(values[segment.Row]).StoreUnsafe(ref scratch);
            return ref scratch;
        }

        Span<float> elements = MemoryMarshal.CreateSpan(ref scratch, length);
        for (; segment.Length > 0; segment = Next(segment, length))
        {
            elements.Slice(segment.Start, segment.Length).Fill(values[segment.Row]);
        }

        return ref scratch;
    }

    /// <summary>A value of columns for each element of a block.</summary>
    /// <param name="value">Which one.</param>
    /// <param name="length">Its elements.</param>
    /// <param name="scratch">float32[<see cref="BlockSizes.Max"/>]: takes them, where the block is of several
    /// rows.</param>
    /// <param name="range">The range that the block is in, which is located.</param>
    public readonly ref float OpenColumn(int value, int length, ref float scratch, in BlockRange range)
    {
        float* values = Lines.ColumnValues[value];
        LineSegment segment = First(length, range);
        if (segment.Length == length)
        {
            return ref values[segment.Column];
        }

        Span<float> elements = MemoryMarshal.CreateSpan(ref scratch, length);
        for (; segment.Length > 0; segment = Next(segment, length))
        {
            new ReadOnlySpan<float>(values + segment.Column, segment.Length).CopyTo(elements[segment.Start..]);
        }

        return ref scratch;
    }

    /// <summary>Records the sums over the rows in a block.</summary>
    /// <param name="reduction">Number of the reduction.</param>
    /// <param name="block">The block.</param>
    /// <param name="length">Its elements.</param>
    /// <param name="terms">The first term, in scratch memory; overwritten.</param>
    /// <param name="range">The range that the block is in, which is located.</param>
    public readonly void SetRowsSum(int reduction, long block, int length, ref float terms, in BlockRange range)
    {
        float* partials = Lines.Partials[reduction] + block;
        ref float copy = ref *range.FoldScratch;
        for (LineSegment segment = First(length, range); segment.Length > 0; segment = Next(segment, length))
        {
            if (segment.Length == length)
            {
                partials[segment.Row] = BlockSum.Fold(ref terms, length);
                return;
            }

            // Folding overwrites what is behind the last term.
            MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref terms, segment.Start), segment.Length)
                .CopyTo(MemoryMarshal.CreateSpan(ref copy, segment.Length));
            partials[segment.Row] = BlockSum.Fold(ref copy, segment.Length);
        }
    }

    /// <summary>Records that all elements of a block take part in the sums over its rows.</summary>
    /// <inheritdoc cref="SetRowsSum"/>
    public readonly void SetRowsCount(int reduction, long block, int length, in BlockRange range)
    {
        if (!Counts)
        {
            return;
        }

        float* partials = Lines.Partials[reduction] + block;
        for (LineSegment segment = First(length, range); segment.Length > 0; segment = Next(segment, length))
        {
            partials[segment.Row] = segment.Length;
        }
    }

    /// <summary>Records the largest values of the rows in a block.</summary>
    /// <inheritdoc cref="SetRowsSum"/>
    public readonly void SetRowsMax(int reduction, long block, int length, ref float terms, in BlockRange range)
    {
        float* partials = Lines.Partials[reduction] + block;
        for (LineSegment segment = First(length, range); segment.Length > 0; segment = Next(segment, length))
        {
            partials[segment.Row] = BlockMax.Fold(ref Unsafe.Add(ref terms, segment.Start), segment.Length);
        }
    }

    /// <summary>Adds the terms of a block to the sums of its columns over a band of rows, in ascending order of
    /// rows.</summary>
    /// <inheritdoc cref="SetRowsSum"/>
    public readonly void AddColumnsSum(int reduction, long block, int length, ref float terms, in BlockRange range)
    {
        for (LineSegment all = First(length, range); all.Length > 0; all = Next(all, length))
        {
            LineSegment segment = Within(block, all, range);
            if (segment.Length > 0)
            {
                float* sums = Band(reduction, segment);
                ref float some = ref Unsafe.Add(ref terms, segment.Start);
                if (segment.Row % LineMemory.BandRows == 0)
                {
                    LineSums.Begin(ref some, sums, segment.Length);
                }
                else
                {
                    LineSums.Add(ref some, sums, segment.Length);
                }
            }
        }
    }

    /// <summary>Takes the larger of the terms of a block and of the largest of its columns in a band of rows.</summary>
    /// <inheritdoc cref="SetRowsSum"/>
    public readonly void AddColumnsMax(int reduction, long block, int length, ref float terms, in BlockRange range)
    {
        for (LineSegment all = First(length, range); all.Length > 0; all = Next(all, length))
        {
            LineSegment segment = Within(block, all, range);
            if (segment.Length > 0)
            {
                float* largest = Band(reduction, segment);
                ref float some = ref Unsafe.Add(ref terms, segment.Start);
                if (segment.Row % LineMemory.BandRows == 0)
                {
                    MemoryMarshal.CreateReadOnlySpan(ref some, segment.Length)
                        .CopyTo(new Span<float>(largest, segment.Length));
                }
                else
                {
                    LineSums.Max(ref some, largest, segment.Length);
                }
            }
        }
    }

    /// <summary>Counts that all elements of a block take part in the sums of its columns: a band begins with all of
    /// its rows, of which others take away.</summary>
    /// <inheritdoc cref="SetRowsSum"/>
    public readonly void AddColumnsCount(int reduction, long block, int length, in BlockRange range)
    {
        if (!Counts)
        {
            return;
        }

        for (LineSegment all = First(length, range); all.Length > 0; all = Next(all, length))
        {
            LineSegment segment = Within(block, all, range);
            if (segment.Length > 0 && segment.Row % LineMemory.BandRows == 0)
            {
                new Span<float>(Band(reduction, segment), segment.Length)
                    .Fill(Math.Min(LineMemory.BandRows, Lines.Rows - segment.Row));
            }
        }
    }

    /// <summary>Takes the elements of a block away that have no part in the sums of its columns: those whose term is
    /// 0.</summary>
    /// <inheritdoc cref="SetRowsSum"/>
    public readonly void AddColumnsCount(int reduction, long block, int length, ref float terms, in BlockRange range)
    {
        if (!Counts)
        {
            return;
        }

        AddColumnsCount(reduction, block, length, range);
        for (LineSegment all = First(length, range); all.Length > 0; all = Next(all, length))
        {
            LineSegment segment = Within(block, all, range);
            float* counts = segment.Length > 0 ? Band(reduction, segment) : null;
            for (int i = 0; i < segment.Length; i++)
            {
                counts[i] -= 1f - Unsafe.Add(ref terms, segment.Start + i);
            }
        }
    }

    private readonly float* Band(int reduction, in LineSegment segment) =>
        Lines.Partials[reduction] + ((segment.Row / LineMemory.BandRows) * Lines.Columns) + segment.Column;

    /// <summary>What of a segment is the calling thread's: a block may be of two bands.</summary>
    private readonly LineSegment Within(long block, in LineSegment segment, in BlockRange range)
    {
        long start = (block * BlockSize) + segment.Start;
        int before = (int)Math.Clamp(range.FirstElement - start, 0, segment.Length);
        int after = (int)Math.Clamp(start + segment.Length - range.EndElement, 0, segment.Length);
        return segment with
        {
            Start = segment.Start + before,
            Column = segment.Column + before,
            Length = segment.Length - before - after,
        };
    }

    private readonly LineSegment First(int length, in BlockRange range) =>
        new(0, (int)Math.Min(length, Lines.Columns - range.Column), range.Row, range.Column);

    /// <summary>The part of the next row that is in the block; one without elements behind the last.</summary>
    private readonly LineSegment Next(in LineSegment segment, int length)
    {
        int start = segment.Start + segment.Length;
        return new LineSegment(start, (int)Math.Min(length - start, Lines.Columns), segment.Row + 1, 0);
    }

    /// <summary>The elements of a block that are in one row.</summary>
    private readonly record struct LineSegment(int Start, int Length, long Row, long Column);
}
