namespace Requant.Cpu;

/// <summary>Work on rows, or on columns, that threads may share.</summary>
internal interface ILineWork
{
    /// <summary>Does a part of it.</summary>
    /// <param name="first">The first row or column.</param>
    /// <param name="end">One past the last one.</param>
    void Run(long first, long end);
}
