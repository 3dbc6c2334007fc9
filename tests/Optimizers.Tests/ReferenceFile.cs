using System.Runtime.InteropServices;

namespace Requant.Optimizers.Tests;

/// <summary>A reference run: parameters, codes and absmax after each step, as described in
/// tests/Data/manifest.json.</summary>
internal sealed class ReferenceFile
{
    public const int Length = 3000;
    public const int StepCount = 5;
    public const int BlockSize = 256;
    private const int BlockCount = (Length + BlockSize - 1) / BlockSize;

    private readonly byte[] _bytes;
    private readonly int _stateCount;

    private ReferenceFile(byte[] bytes, int stateCount)
    {
        _bytes = bytes;
        _stateCount = stateCount;
    }

    private int BytesPerStep => (Length * sizeof(float)) + (_stateCount * (Length + (BlockCount * sizeof(float))));

    public static ReferenceFile Load(string optimizer, int stateCount)
    {
        var file = new ReferenceFile(Read(optimizer + ".bin"), stateCount);
        Assert.Equal(file.BytesPerStep * StepCount, file._bytes.Length);
        return file;
    }

    /// <summary>The start parameters, then the gradients of each step.</summary>
    public static (float[] Parameters, float[][] Gradients) LoadInputs()
    {
        float[] all = MemoryMarshal.Cast<byte, float>(Read("inputs.bin")).ToArray();
        Assert.Equal(Length * (StepCount + 1), all.Length);
        return (all[..Length],
            [.. Enumerable.Range(1, StepCount).Select(step => all[(step * Length)..((step + 1) * Length)])]);
    }

    public ReadOnlySpan<float> Parameters(int step) =>
        MemoryMarshal.Cast<byte, float>(_bytes.AsSpan(step * BytesPerStep, Length * sizeof(float)));

    public ReadOnlySpan<byte> Codes(int step, int state) => _bytes.AsSpan(StateOffset(step, state), Length);

    public ReadOnlySpan<float> Absmax(int step, int state) =>
        MemoryMarshal.Cast<byte, float>(_bytes.AsSpan(StateOffset(step, state) + Length, BlockCount * sizeof(float)));

    private static byte[] Read(string name) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Data", name));

    private int StateOffset(int step, int state) =>
        (step * BytesPerStep) + (Length * sizeof(float)) + (state * (Length + (BlockCount * sizeof(float))));
}
