using System.Runtime.InteropServices;

namespace Requant.Testing;

/// <summary>The CPU: scalar kernels, or those of one vector width. The tensors of a case take their steps
/// together, so that threads share them.</summary>
/// <param name="width">A width that the machine has; see <see cref="SimdWidths.Supported"/>.</param>
/// <param name="threads">The most threads to use; at least 1.</param>
public sealed class CpuBackend(SimdWidth width, int threads) : IConformanceBackend
{
    /// <inheritdoc/>
    public string Name => $"{width}, {threads} thread{(threads == 1 ? "" : "s")}";

    /// <inheritdoc/>
    public bool IsSlow => false;

    /// <inheritdoc/>
    public IEnumerable<Snapshot> Run<TRule>(TRule rule, ConformanceCase data)
        where TRule : IOptimizerRule<TRule>
    {
        ArgumentNullException.ThrowIfNull(data);
        return Steps(rule, data);
    }

    private IEnumerable<Snapshot> Steps<TRule>(TRule rule, ConformanceCase data)
        where TRule : IOptimizerRule<TRule>
    {
        using var optimizer = new Optimizer<TRule>(rule, data.Options with { SimdWidth = width, MaxThreads = threads })
        {
            GradientScale = data.GradientScale,
        };
        ParameterState[] states = 
            [.. data.Lengths.Select((_, tensor) => optimizer.Add($"{tensor}", data.Shape(tensor)))];
        byte[][] parameters = [.. states.Select((_, tensor) => Pinned(data.ParameterBytes(tensor)))];
        for (int step = 1; step <= data.Steps; step++)
        {
            byte[][] gradients = [.. states.Select((_, tensor) => Pinned(data.GradientBytes(tensor, step)))];
            optimizer.Step([.. states.Select((state, tensor) => new TensorUpdate(
                state, Address(parameters[tensor]), Address(gradients[tensor]), data.ParameterType,
                data.GradientType))]);
            GC.KeepAlive(gradients);
            var snapshot = new Snapshot();
            for (int tensor = 0; tensor < states.Length; tensor++)
            {
                snapshot.Add(tensor, data.ParameterType, parameters[tensor], states[tensor]);
            }

            snapshot.AddSkipped(optimizer.LastStepSkippedElements);
            snapshot.AddMeasure(optimizer.GradientNorm, optimizer.LastStepSkipped);
            yield return snapshot;
        }
    }

    private static byte[] Pinned(byte[] bytes)
    {
        byte[] pinned = GC.AllocateUninitializedArray<byte>(bytes.Length, pinned: true);
        bytes.CopyTo(pinned, 0);
        return pinned;
    }

    private static nint Address(byte[] pinned) => Marshal.UnsafeAddrOfPinnedArrayElement(pinned, 0);
}
