using System.Runtime.CompilerServices;
using Requant.Runtime.Tests.Support;
using Requant.States;

namespace Requant.Runtime.Tests.States;

/// <summary>Alone in the process, whose native memory is counted as a whole.</summary>
[CollectionDefinition(nameof(NativeMemoryTests), DisableParallelization = true)]
[Collection(nameof(NativeMemoryTests))]
public sealed class NativeMemoryTests
{
    private const int Length = 1 << 20;

    private const int Optimizers = 100;

    /// <summary>Codes of two states, at the least.</summary>
    private const long LeastBytes = 2L * Length * Optimizers;

    [Fact]
    public void Optimizers_NeverDisposed_AreCollectedWithTheirMemory()
    {
        long before = LiveBytesWithoutGarbage();
        long most = 0;
        for (int i = 0; i < Optimizers; i++)
        {
            StepAndForget();
            most = Math.Max(most, NativeBuffer.LiveBytes - before);
        }

        // Nobody asked the collector: it counts the bytes.
        Assert.InRange(most, 2L * Length, LeastBytes / 2);
        Collect();
        Assert.Equal(before, NativeBuffer.LiveBytes);
    }

    [Fact]
    public void Optimizer_Disposed_FreesItsMemoryAtOnce()
    {
        long before = LiveBytesWithoutGarbage();
        using (var adam = new Optimizer<Adam>(new Adam()))
        {
            Step(adam);
            Assert.True(NativeBuffer.LiveBytes > before);
        }

        Assert.Equal(before, NativeBuffer.LiveBytes);
    }

    /// <summary>A state alone keeps its own memory, and what it is of.</summary>
    [Fact]
    public void State_OfAForgottenOptimizer_KeepsItsMemory()
    {
        QuantizedState state = StateOfForgotten();
        Collect();

        ReadOnlySpan<byte> codes = state.Codes;
        Assert.Equal(Length, codes.Length);
        Assert.True(codes.ContainsAnyExcept((byte)0));
        GC.KeepAlive(state);
    }

    [Fact]
    public void Buffer_DisposedTwice_IsFreedOnce()
    {
        long before = LiveBytesWithoutGarbage();
        var buffer = new NativeBuffer(100);
        Assert.Equal(before + 100, NativeBuffer.LiveBytes);

        buffer.Dispose();
        buffer.Dispose();

        Assert.Equal((before, (nint)0), (NativeBuffer.LiveBytes, buffer.Pointer));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void StepAndForget() => Step(new Optimizer<Adam>(new Adam()));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static QuantizedState StateOfForgotten() => Step(new Optimizer<Adam>(new Adam())).States["m"];

    private static ParameterState Step(Optimizer<Adam> adam)
    {
        ParameterState state = adam.Add("w", Length);
        float[] gradients = new float[Length];
        Array.Fill(gradients, 0.5f);
        adam.Step(state, new float[Length], gradients);
        return state;
    }

    /// <summary>Optimizers that earlier tests have forgotten would be collected in the middle of a test.</summary>
    private static long LiveBytesWithoutGarbage()
    {
        Collect();
        return NativeBuffer.LiveBytes;
    }

    private static void Collect()
    {
        // What a finalizer lets go of is found by the next collection.
        for (int i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }
}
