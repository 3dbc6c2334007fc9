using System.ComponentModel;
using ILGPU;

namespace Requant.CompilerServices;

/// <summary>Updates all tensors of one variant and pair of element types in one phase of a step; emitted by the
/// generator, explicitly grouped, one warp of 32 lanes a block. The signature is the same for every rule.</summary>
/// <param name="launch">The tensors, their uniform values and the codecs' tables.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public delegate void DeviceKernel(LaunchParameters launch);

/// <summary>The tensors of one launch, as generated kernels see them.</summary>
/// <remarks>Kernels find everything by its position in one view of the device's memory, so that a launch takes any
/// number of tensors, wherever each lies. Positions are in bytes from the view's beginning and may be negative where it
/// does not begin at address 0.</remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public struct LaunchParameters
{
    /// <summary>Blocks of a launch, so that their numbers and those a run further fit 32 bits. In blocks of 256 they
    /// are 10^12 elements.</summary>
    public const uint MostBlocks = uint.MaxValue - (1 << 24);

    /// <summary>The device's memory.</summary>
    public ArrayView<byte> Memory;

    /// <summary>Address of its beginning.</summary>
    public long Address;

    /// <summary>Position of int64[<see cref="TensorCount"/>, <see cref="DeviceTensor.RowLength"/>]: the tensors, in the
    /// order of their blocks.</summary>
    public long Tensors;

    /// <summary>Position of float32[<see cref="TensorCount"/>, <see cref="UniformCount"/>]: values computed once per
    /// tensor and step.</summary>
    public long Uniforms;

    /// <summary>Position of int64[1]: elements skipped because their gradient was not finite.</summary>
    public long Skipped;

    /// <summary>Position of the table of the first state's codec; see <see cref="DeviceTable"/>.</summary>
    public long Table0;

    /// <summary>The same for the second state.</summary>
    public long Table1;

    /// <summary>The same for the third state.</summary>
    public long Table2;

    /// <summary>The same for the fourth state.</summary>
    public long Table3;

    /// <summary>Position of int64[<see cref="TensorCount"/>, <see cref="LineRowLength"/>]: where the values of the
    /// tensors' rows, columns and matrices are; see <see cref="DeviceLineField"/>. 0 for rules without any.</summary>
    public long Lines;

    /// <summary>Blocks of all tensors, at most <see cref="MostBlocks"/>.</summary>
    public uint BlockCount;

    /// <summary>Blocks in a row that a warp takes: a power of two.</summary>
    public uint RunLength;

    /// <summary>Blocks from the end of a warp's run to its next one.</summary>
    public uint RunGap;

    /// <summary>Tensors, at least 1, each with at least one block.</summary>
    public int TensorCount;

    /// <summary>Uniform values of a tensor.</summary>
    public int UniformCount;

    /// <summary>Elements that a warp takes at a time: a block of every state.</summary>
    public int BlockSize;

    /// <summary>Numbers of a tensor in the table at <see cref="Lines"/>.</summary>
    public int LineRowLength;
}
