using Requant.Testing;

namespace Requant.Ptx;

/// <summary>The PTX that a GPU would get, interpreted.</summary>
public sealed class PtxBackend : IConformanceBackend
{
    /// <inheritdoc/>
    public string Name => "PTX, interpreted";

    /// <inheritdoc/>
    public bool IsSlow => true;

    /// <inheritdoc/>
    public IEnumerable<Snapshot> Run<TRule>(TRule rule, ConformanceCase data)
        where TRule : IOptimizerRule<TRule>
    {
        ArgumentNullException.ThrowIfNull(data);
        return Steps(rule, data);
    }

    private static IEnumerable<Snapshot> Steps<TRule>(TRule rule, ConformanceCase data)
        where TRule : IOptimizerRule<TRule>
    {
        using var optimizer = new PtxOptimizer<TRule>(rule, data.Options) { GradientScale = data.GradientScale };
        ParameterState[] states = 
            [.. data.Lengths.Select((_, tensor) => optimizer.Add($"{tensor}", data.Shape(tensor)))];
        byte[][] parameters = [.. states.Select((_, tensor) => data.ParameterBytes(tensor))];
        for (int step = 1; step <= data.Steps; step++)
        {
            var snapshot = new Snapshot();
            long before = optimizer.SkippedElements;
            int current = step;
            optimizer.Step([.. states.Select((state, tensor) => new PtxTensor(
                state, parameters[tensor], data.GradientBytes(tensor, current), data.ParameterType,
                data.GradientType))]);
            for (int tensor = 0; tensor < states.Length; tensor++)
            {
                snapshot.Add(tensor, data.ParameterType, parameters[tensor], states[tensor]);
            }

            snapshot.AddSkipped(optimizer.SkippedElements - before);
            snapshot.AddMeasure(optimizer.GradientNorm, optimizer.LastStepSkipped);
            yield return snapshot;
        }
    }
}
