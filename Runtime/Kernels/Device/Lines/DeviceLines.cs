using System.ComponentModel;
using System.Runtime.CompilerServices;

namespace Requant.CompilerServices;

/// <summary>A tensor of a launch that is shared out by rows, columns or strips instead of blocks. For use inside
/// kernels.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public struct DeviceLines
{
    /// <summary>The tensor.</summary>
    public DeviceTensor Tensor;

    /// <summary>Number of its first one in the launch.</summary>
    public long First;

    /// <summary>One past the number of its last one.</summary>
    public long End;

    /// <summary>All of a launch.</summary>
    /// <param name="launch">The launch.</param>
    /// <param name="field">The field of <see cref="DeviceLineField"/> that counts them.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Count(LaunchParameters launch, int field) => EndOf(launch, launch.TensorCount - 1, field);

    /// <summary>The tensor that has a row, column or strip.</summary>
    /// <param name="launch">The launch.</param>
    /// <param name="field">The field of <see cref="DeviceLineField"/> that counts them.</param>
    /// <param name="number">Its number in the launch.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DeviceLines Find(LaunchParameters launch, int field, long number)
    {
        int low = 0;
        int high = launch.TensorCount - 1;
        while (low < high)
        {
            int middle = (low + high) >> 1;
            if (EndOf(launch, middle, field) <= number)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return new DeviceLines
        {
            Tensor = DeviceTensor.At(launch, low),
            First = low == 0 ? 0 : EndOf(launch, low - 1, field),
            End = EndOf(launch, low, field),
        };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long EndOf(LaunchParameters launch, int tensor, int field) => DeviceMemory.Load<long>(
        launch.Memory, launch.Lines + ((((long)tensor * launch.LineRowLength) + field) * sizeof(long)));
}
