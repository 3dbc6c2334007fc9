using Requant.Ptx;
using Requant.Testing;

namespace Requant.Conformance;

/// <summary>The PTX that a GPU would get, interpreted.</summary>
internal sealed class PtxBackend : IConformanceBackend
{
    public string Name => "PTX, interpreted";

    public bool IsSlow => true;

    public IEnumerable<Snapshot> Run<TRule>(TRule rule, ConformanceCase data)
        where TRule : IOptimizerRule<TRule>
    {
        using var optimizer = new PtxOptimizer<TRule>(rule, data.Options);
        ParameterState[] states = [.. data.Lengths.Select((length, tensor) => optimizer.Add($"{tensor}", length))];
        float[][] parameters = [.. data.Lengths.Select((_, tensor) => data.Parameters(tensor))];
        for (int step = 1; step <= data.Steps; step++)
        {
            var snapshot = new Snapshot();
            for (int tensor = 0; tensor < states.Length; tensor++)
            {
                long before = optimizer.SkippedElements;
                optimizer.Step(states[tensor], parameters[tensor], data.Gradient(tensor, step));
                snapshot.Add(tensor, parameters[tensor], states[tensor], optimizer.SkippedElements - before);
            }

            yield return snapshot;
        }
    }
}
