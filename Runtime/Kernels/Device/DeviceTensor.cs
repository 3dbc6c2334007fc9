using System.ComponentModel;
using System.Runtime.CompilerServices;
using ILGPU;
using Requant.Numerics;

namespace Requant.CompilerServices;

/// <summary>One tensor of a launch. For use inside kernels.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public partial struct DeviceTensor
{
    /// <summary>Numbers of a tensor's row: those of <see cref="DeviceTensorField"/>, then for each of four states those
    /// of <see cref="DeviceStateField"/>.</summary>
    public const int RowLength = DeviceTensorField.Count + (KernelArguments.MaxStates * DeviceStateField.Count);

    /// <summary>The device's memory.</summary>
    public ArrayView<byte> Memory;

    /// <summary>Position of its row.</summary>
    public long Row;

    /// <summary>Position of its uniform values.</summary>
    public long Uniforms;

    /// <summary>Blocks of the launch before its first one.</summary>
    public uint FirstBlock;

    /// <summary>Blocks of the launch up to its last one.</summary>
    public uint EndBlock;

    /// <summary>Elements, n.</summary>
    public long Length;

    /// <summary>n elements, which the kernel's type for parameters reads and writes.</summary>
    public DeviceElements Parameter;

    /// <summary>n elements, which the kernel's type for gradients reads.</summary>
    public DeviceElements Gradient;

    /// <summary>Position of float32[reductions * blocks]: partial results.</summary>
    public long Partials;

    /// <summary>Blocks that can be taken as vectors, from the first on: whole ones, where
    /// everything is aligned.</summary>
    public uint WholeBlocks;

    /// <summary>Position of its row in the table of <see cref="LaunchParameters.Lines"/>.</summary>
    public long Lines;

    /// <summary>The tensor that has <paramref name="block"/> of the launch.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DeviceTensor Find(LaunchParameters launch, uint block)
    {
        int low = 0;
        int high = launch.TensorCount - 1;
        while (low < high)
        {
            int middle = (low + high) >> 1;
            if (Number(launch.Memory, RowOf(launch, middle), DeviceTensorField.EndBlock) <= block)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return At(launch, low);
    }

    /// <summary>A tensor by its number in the launch.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DeviceTensor At(LaunchParameters launch, int index)
    {
        long row = RowOf(launch, index);
        return new DeviceTensor
        {
            Memory = launch.Memory,
            Row = row,
            Uniforms = launch.Uniforms + ((long)index * launch.UniformCount * sizeof(float)),
            FirstBlock = Number(launch.Memory, row, DeviceTensorField.FirstBlock),
            EndBlock = Number(launch.Memory, row, DeviceTensorField.EndBlock),
            Length = Field(launch.Memory, row, DeviceTensorField.Length),
            Parameter = ParameterAt(launch, row, index),
            Gradient = GradientAt(launch, row, index),
            Partials = Field(launch.Memory, row, DeviceTensorField.Partials),
            WholeBlocks = Number(launch.Memory, row, DeviceTensorField.WholeBlocks),
            Lines = launch.Lines + ((long)index * launch.LineRowLength * sizeof(long)),
        };
    }

    /// <summary>A value computed once per tensor and step.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly float Uniform(int slot) =>
        DeviceMemory.Load<float>(Memory, Uniforms + ((long)slot * sizeof(float)));

    /// <summary>Writes a value that has become known.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void StoreUniform(int slot, float value) =>
        DeviceMemory.Store(Memory, Uniforms + ((long)slot * sizeof(float)), value);

    /// <summary>One of its states.</summary>
    /// <param name="index">From 0 to 3.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly DeviceState State(int index)
    {
        int first = DeviceTensorField.Count + (index * DeviceStateField.Count);
        ulong change = RoundingKey.OfState(0, index);
        return new DeviceState
        {
            LowerKey = Parameter.LowerKey ^ (uint)change,
            UpperKey = Parameter.UpperKey ^ (uint)(change >> 32),
            Memory = Memory,
            Values = Field(Memory, Row, first + DeviceStateField.Values),
            Absmax = Field(Memory, Row, first + DeviceStateField.Absmax),
        };
    }

    /// <summary>Writes the partial result of a block.</summary>
    /// <param name="reduction">Number of the reduction.</param>
    /// <param name="block">Block of the tensor.</param>
    /// <param name="value">The result.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void StorePartial(int reduction, long block, float value) =>
        DeviceMemory.Store(Memory, PartialAt(reduction, block), value);

    /// <summary>The partial result of a block.</summary>
    /// <param name="reduction">Number of the reduction.</param>
    /// <param name="block">Block of the tensor.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly float LoadPartial(int reduction, long block) =>
        DeviceMemory.Load<float>(Memory, PartialAt(reduction, block));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly long PartialAt(int reduction, long block) =>
        Partials + (((reduction * (long)(EndBlock - FirstBlock)) + block) * sizeof(float));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static DeviceElements ParameterAt(LaunchParameters launch, long row, int tensor)
    {
        DeviceElements elements = DeviceElements.At(
            launch.Memory, Field(launch.Memory, row, DeviceTensorField.Parameter));
        elements.Remainder = Field(launch.Memory, row, DeviceTensorField.Remainder);
        elements.LowerKey = DeviceMemory.Load<uint>(
            launch.Memory, StepValueAt(launch, tensor, DeviceStepValue.LowerKey));
        elements.UpperKey = DeviceMemory.Load<uint>(
            launch.Memory, StepValueAt(launch, tensor, DeviceStepValue.UpperKey));
        return elements;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static DeviceElements GradientAt(LaunchParameters launch, long row, int tensor)
    {
        DeviceElements elements = DeviceElements.At(
            launch.Memory, Field(launch.Memory, row, DeviceTensorField.Gradient));
        elements.Scale = DeviceMemory.Load<float>(
            launch.Memory, StepValueAt(launch, tensor, DeviceStepValue.GradientScale));
        return elements;
    }

    /// <summary>Position of a value of <see cref="DeviceStepValue"/>. Kernels whose element types do not use it do
    /// not load it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long StepValueAt(LaunchParameters launch, int tensor, int value) =>
        launch.Uniforms
        + (((((long)tensor + 1) * launch.UniformCount) - DeviceStepValue.Count + value) * sizeof(float));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long RowOf(LaunchParameters launch, int tensor) =>
        launch.Tensors + ((long)tensor * RowLength * sizeof(long));

    /// <summary>A field that is a number of blocks: its low half.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Number(ArrayView<byte> memory, long row, int field) =>
        DeviceMemory.Load<uint>(memory, row + ((long)field * sizeof(long)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long Field(ArrayView<byte> memory, long row, int field) =>
        DeviceMemory.Load<long>(memory, row + ((long)field * sizeof(long)));
}

/// <summary>What a tensor's row begins with; each is an int64.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class DeviceTensorField
{
    /// <summary><see cref="DeviceTensor.FirstBlock"/>.</summary>
    public const int FirstBlock = 0;

    /// <summary><see cref="DeviceTensor.EndBlock"/>.</summary>
    public const int EndBlock = 1;

    /// <summary><see cref="DeviceTensor.Length"/>.</summary>
    public const int Length = 2;

    /// <summary>Position of the parameter's first element.</summary>
    public const int Parameter = 3;

    /// <summary>Position of the gradient's first element.</summary>
    public const int Gradient = 4;

    /// <summary><see cref="DeviceTensor.Partials"/>.</summary>
    public const int Partials = 5;

    /// <summary><see cref="DeviceTensor.WholeBlocks"/>.</summary>
    public const int WholeBlocks = 6;

    /// <summary>Position of the parameter's first remainder, where it has some.</summary>
    public const int Remainder = 7;

    /// <summary>Fields before those of the states.</summary>
    public const int Count = 8;
}

/// <summary>What a tensor's row holds of each state; each is an int64.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class DeviceStateField
{
    /// <summary><see cref="DeviceState.Values"/>.</summary>
    public const int Values = 0;

    /// <summary><see cref="DeviceState.Absmax"/>.</summary>
    public const int Absmax = 1;

    /// <summary>Fields of a state.</summary>
    public const int Count = 2;
}
