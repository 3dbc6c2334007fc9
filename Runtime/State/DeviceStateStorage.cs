using ILGPU;
using ILGPU.Runtime;
using Requant.Ilgpu;
using Requant.Quantization;

namespace Requant;

/// <summary>A state in the memory of an ILGPU accelerator; reads and writes are blocking copies.</summary>
internal sealed class DeviceStateStorage : StateStorage
{
    private readonly Accelerator _accelerator;
    private readonly DeviceBuffer<byte> _codes;
    private readonly DeviceBuffer<float> _absmax;
    private readonly DeviceBuffer<float> _values;
    private readonly byte _zeroCode;

    private DeviceStateStorage(Accelerator accelerator, DeviceCodebook? codebook, long codes, long absmax, long values)
    {
        _accelerator = accelerator;
        _codes = new DeviceBuffer<byte>(accelerator);
        _absmax = new DeviceBuffer<float>(accelerator);
        _values = new DeviceBuffer<float>(accelerator);
        try
        {
            View = new DeviceState
            {
                Codes = _codes.Reserve(codes),
                Absmax = _absmax.Reserve(absmax),
                Values = _values.Reserve(values),
                Codebook = codebook?.Values ?? ArrayView<float>.Empty,
                Thresholds = codebook?.Thresholds ?? ArrayView<float>.Empty,
            };
            _zeroCode = codebook?.ZeroCode ?? 0;
            Clear();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public DeviceState View { get; }

    public static DeviceStateStorage CreateQuantized(
        Accelerator accelerator, DeviceCodebook codebook, int blockSize, long length) =>
        new(accelerator, codebook, length, BlockSizes.Count(length, blockSize), 0);

    public static DeviceStateStorage CreateFloat32(Accelerator accelerator, long length) =>
        new(accelerator, null, 0, 0, length);

    public override ReadOnlySpan<byte> ReadCodes(long start, int count) => Read(View.Codes, start, count);

    public override ReadOnlySpan<float> ReadAbsmax(long start, int count) => Read(View.Absmax, start, count);

    public override ReadOnlySpan<float> ReadValues(long start, int count) => Read(View.Values, start, count);

    public override void WriteCodes(long start, ReadOnlySpan<byte> codes) => Write(View.Codes, start, codes);

    public override void WriteAbsmax(long start, ReadOnlySpan<float> absmax) => Write(View.Absmax, start, absmax);

    public override void WriteValues(long start, ReadOnlySpan<float> values) => Write(View.Values, start, values);

    public override void Clear()
    {
        if (View.Codes.Length > 0)
        {
            View.Codes.MemSet(_accelerator.DefaultStream, _zeroCode);
            View.Absmax.MemSetToZero(_accelerator.DefaultStream);
        }

        if (View.Values.Length > 0)
        {
            View.Values.MemSetToZero(_accelerator.DefaultStream);
        }
    }

    public override void Dispose()
    {
        _codes.Dispose();
        _absmax.Dispose();
        _values.Dispose();
    }

    private T[] Read<T>(ArrayView<T> view, long start, int count)
        where T : unmanaged
    {
        var copy = new T[count];
        if (count > 0)
        {
            view.SubView(start, count).CopyToCPU(_accelerator.DefaultStream, copy);
        }

        return copy;
    }

    private void Write<T>(ArrayView<T> view, long start, ReadOnlySpan<T> source)
        where T : unmanaged
    {
        if (source.Length > 0)
        {
            view.SubView(start, source.Length).CopyFromCPU(_accelerator.DefaultStream, source.ToArray());
        }
    }
}
