using System.Runtime.InteropServices;

namespace Requant.Runtime.Tests.Support;

/// <summary>Bits of everything that a step may change: parameters, codes, absmax and float32 states.</summary>
internal sealed class Snapshot
{
    private readonly List<(string Label, uint[] Bits)> _parts = [];

    public long Skipped { get; private init; }

    public static Snapshot Of<TRule>(Optimizer<TRule> optimizer, float[][] parameters)
        where TRule : IOptimizerRule<TRule>
    {
        var snapshot = new Snapshot { Skipped = optimizer.SkippedElements };
        for (int i = 0; i < parameters.Length; i++)
        {
            ParameterState state = optimizer.Parameters[i];
            snapshot.Add($"{state.Name} parameter", parameters[i]);
            foreach (QuantizedState one in state.States)
            {
                if (one.IsQuantized)
                {
                    snapshot._parts.Add(($"{state.Name} {one.Name} codes",
                        Array.ConvertAll(one.Codes.ToArray(), code => (uint)code)));
                    snapshot.Add($"{state.Name} {one.Name} absmax", one.Absmax);
                }
                else
                {
                    snapshot.Add($"{state.Name} {one.Name} values", one.Values);
                }
            }
        }

        return snapshot;
    }

    public void AssertSameBits(Snapshot actual, string what)
    {
        Assert.Equal(_parts.Select(part => part.Label), actual._parts.Select(part => part.Label));
        for (int i = 0; i < _parts.Count; i++)
        {
            int same = _parts[i].Bits.AsSpan().CommonPrefixLength(actual._parts[i].Bits);
            Assert.True(same == _parts[i].Bits.Length && same == actual._parts[i].Bits.Length,
                same < _parts[i].Bits.Length
                    ? $"{what}: {_parts[i].Label} differs at {same}: {_parts[i].Bits[same]:x8} expected, " +
                    $"{actual._parts[i].Bits[same]:x8} found."
                    : $"{what}: {_parts[i].Label} has another length.");
        }

        Assert.Equal(Skipped, actual.Skipped);
    }

    private void Add(string label, ReadOnlySpan<float> values) =>
        _parts.Add((label, MemoryMarshal.Cast<float, uint>(values).ToArray()));
}
