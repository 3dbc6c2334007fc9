using System.Runtime.InteropServices;

namespace Requant.Optimizers.Tests;

/// <summary>A few tensors with shapes that one optimizer updates in one step.</summary>
internal sealed class ShapedModel<TRule> : IDisposable
    where TRule : IOptimizerRule<TRule>
{
    public ShapedModel(TRule rule, OptimizerOptions options, params ReadOnlySpan<long[]> shapes)
    {
        Optimizer = new Optimizer<TRule>(rule, options);
        foreach (long[] shape in shapes)
        {
            Optimizer.Add($"w{Optimizer.Parameters.Count}", shape);
        }

        Parameters = [.. Optimizer.Parameters.Select(state => Data.Normal((int)state.Length, seed: 0))];
    }

    public Optimizer<TRule> Optimizer { get; }

    public float[][] Parameters { get; }

    /// <summary>A step with gradients of a seed.</summary>
    /// <param name="seed">Of the gradients.</param>
    /// <param name="spoil">Changes the gradients.</param>
    public void Step(int seed, Action<float[][]>? spoil = null)
    {
        float[][] gradients = [.. Parameters.Select(values => Data.Normal(values.Length, seed))];
        spoil?.Invoke(gradients);
        ShapedModel.Step(Optimizer, Parameters, gradients);
    }

    /// <summary>All bits of a tensor but its step's number.</summary>
    public uint[] Bits(int tensor) => StepBits.Of(Optimizer.Parameters[tensor], Parameters[tensor])[1..];

    public void Dispose() => Optimizer.Dispose();
}

/// <summary>Steps of several tensors.</summary>
internal static class ShapedModel
{
    /// <summary>One step of all parameters of an optimizer.</summary>
    public static void Step<TRule>(Optimizer<TRule> optimizer, float[][] parameters, float[][] gradients)
        where TRule : IOptimizerRule<TRule>
    {
        GCHandle[] handles =
            [.. parameters.Concat(gradients).Select(array => GCHandle.Alloc(array, GCHandleType.Pinned))];
        try
        {
            optimizer.Step([.. optimizer.Parameters.Select((state, i) => new TensorUpdate(
                state, AddressOf(handles[i]), AddressOf(handles[parameters.Length + i])))]);
        }
        finally
        {
            Array.ForEach(handles, handle => handle.Free());
        }
    }

    private static nint AddressOf(GCHandle handle) => handle.AddrOfPinnedObject();
}
