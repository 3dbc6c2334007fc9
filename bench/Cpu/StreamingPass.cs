using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Requant.Bench.Cpu;

/// <summary>The memory's limit: reads a gradient, reads and writes a parameter and as many bytes as there are states,
/// and computes next to nothing.</summary>
internal sealed unsafe class StreamingPass : IContestant
{
    private const int GroupElements = 64;

    private readonly SharedMemory _memory;
    private readonly byte*[] _states;
    private readonly Action<int> _pass;
    private readonly ParallelOptions _options;
    private readonly long _groups;

    public StreamingPass(SharedMemory memory, long elements, int states, int threads)
    {
        _memory = memory;
        _groups = elements / GroupElements;
        _states = new byte*[states];
        for (int i = 0; i < states; i++)
        {
            _states[i] = (byte*)NativeMemory.AlignedAlloc((nuint)elements, GroupElements);
            NativeMemory.Clear(_states[i], (nuint)elements);
        }

        _pass = Pass;
        _options = new ParallelOptions { MaxDegreeOfParallelism = threads };
    }

    public void Step() => Parallel.For(0, _options.MaxDegreeOfParallelism, _options, _pass);

    public void Dispose()
    {
        foreach (byte* state in _states)
        {
            NativeMemory.AlignedFree(state);
        }
    }

    private void Pass(int thread)
    {
        long begin = _groups * thread / _options.MaxDegreeOfParallelism;
        long end = _groups * (thread + 1) / _options.MaxDegreeOfParallelism;
        int groupBytes = GroupElements * _memory.ElementBytes;
        byte* first = _states[0];
        byte* second = _states[^1];
        byte* parameter = (byte*)_memory.ParameterPointer;
        byte* gradient = (byte*)_memory.GradientPointer;
        var ones = Vector512.Create((byte)1);
        for (long i = begin; i < end; i++)
        {
            byte* target = parameter + (i * groupBytes);
            byte* source = gradient + (i * groupBytes);
            for (int part = 0; part < groupBytes; part += Vector512<byte>.Count)
            {
                (Vector512.Load(target + part) ^ (Vector512.Load(source + part) & ones)).Store(target + part);
            }

            (Vector512.Load(first + (i * GroupElements)) ^ ones).Store(first + (i * GroupElements));
            if (second != first)
            {
                (Vector512.Load(second + (i * GroupElements)) ^ ones).Store(second + (i * GroupElements));
            }
        }
    }
}
