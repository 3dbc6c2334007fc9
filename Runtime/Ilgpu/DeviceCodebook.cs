using ILGPU;
using ILGPU.Runtime;
using Requant.Quantization;

namespace Requant.Ilgpu;

/// <summary>One codec's tables in an accelerator's memory, shared by all states of an optimizer.</summary>
internal sealed class DeviceCodebook : IDisposable
{
    private const int TableLength = 256;

    private readonly DeviceBuffer<float> _buffer;

    public DeviceCodebook(Accelerator accelerator, Codec codec)
    {
        Codebook codebook = Codebook.For(codec);
        ZeroCode = codebook.ZeroCode;
        var tables = new float[2 * TableLength];
        codebook.Values.CopyTo(tables);
        codebook.Thresholds.CopyTo(tables.AsSpan(TableLength));
        _buffer = new DeviceBuffer<float>(accelerator);
        ArrayView<float> view = _buffer.Reserve(tables.Length);
        view.CopyFromCPU(accelerator.DefaultStream, tables);
        Values = view.SubView(0L, TableLength);
        Thresholds = view.SubView(TableLength, TableLength);
    }

    public byte ZeroCode { get; }

    public ArrayView<float> Values { get; }

    public ArrayView<float> Thresholds { get; }

    public void Dispose() => _buffer.Dispose();
}
