using System.ComponentModel;

namespace Requant.CompilerServices;

/// <summary>Computes values of some rows, or of some columns, of one tensor; emitted by the generator.</summary>
/// <param name="tensor">The tensor, its uniform values and those of its rows and columns.</param>
/// <param name="first">The first row or column.</param>
/// <param name="end">One past the last one.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public delegate void LineKernel(in KernelArguments tensor, long first, long end);
