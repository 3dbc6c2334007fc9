using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Requant.Bench.Cpu;

/// <summary>The memory's limit: reads a gradient, reads and writes a parameter and two bytes, and computes next to nothing.
/// 16 bytes per parameter, as 8-bit Adam.</summary>
internal sealed unsafe class StreamingPass : IContestant
{
    private const nuint Alignment = 64;

    private readonly SharedTensor _tensor;
    private readonly int _threads;
    private readonly byte* _first;
    private readonly byte* _second;
    private readonly Action<int> _pass;
    private readonly ParallelOptions _options;

    public StreamingPass(string name, SharedTensor tensor, int threads)
    {
        Name = name;
        _tensor = tensor;
        _threads = threads;
        _first = (byte*)NativeMemory.AlignedAlloc((nuint)tensor.Elements, Alignment);
        _second = (byte*)NativeMemory.AlignedAlloc((nuint)tensor.Elements, Alignment);
        NativeMemory.Clear(_first, (nuint)tensor.Elements);
        NativeMemory.Clear(_second, (nuint)tensor.Elements);
        _pass = Pass;
        _options = new ParallelOptions { MaxDegreeOfParallelism = threads };
    }

    public string Name { get; }

    public double BytesPerParameter => 16;

    public double? StateBytesPerParameter => null;

    public void Step() => Parallel.For(0, _threads, _options, _pass);

    public void Dispose()
    {
        NativeMemory.AlignedFree(_first);
        NativeMemory.AlignedFree(_second);
    }

    private void Pass(int thread)
    {
        long count = _tensor.Elements / 64;
        long begin = count * thread / _threads * 64;
        long end = count * (thread + 1) / _threads * 64;
        float* parameter = (float*)_tensor.ParameterPointer;
        float* gradient = (float*)_tensor.GradientPointer;
        var ones = Vector512.Create((byte)1);
        for (long i = begin; i < end; i += 64)
        {
            for (int part = 0; part < 64; part += 16)
            {
                (Vector512.Load(parameter + i + part) - Vector512.Load(gradient + i + part)).Store(parameter + i + part);
            }

            (Vector512.Load(_first + i) ^ ones).Store(_first + i);
            (Vector512.Load(_second + i) ^ ones).Store(_second + i);
        }
    }
}
