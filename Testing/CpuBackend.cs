using Requant.Cpu;

namespace Requant.Testing;

/// <summary>The processor: scalar kernels, or those of one vector width.</summary>
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
        using var optimizer = new Optimizer<TRule>(rule, data.Options with { SimdWidth = width, MaxThreads = threads });
        ParameterState[] states = [.. data.Lengths.Select((length, tensor) => optimizer.Add($"{tensor}", length))];
        float[][] parameters = [.. data.Lengths.Select((_, tensor) => data.Parameters(tensor))];
        for (int step = 1; step <= data.Steps; step++)
        {
            var snapshot = new Snapshot();
            for (int tensor = 0; tensor < states.Length; tensor++)
            {
                optimizer.Step(states[tensor], parameters[tensor], data.Gradient(tensor, step));
                snapshot.Add(tensor, parameters[tensor], states[tensor], optimizer.LastStepSkippedElements);
            }

            yield return snapshot;
        }
    }
}
