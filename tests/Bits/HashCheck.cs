using System.IO.Hashing;
using Requant.CompilerServices;
using Requant.Numerics;
using Requant.Testing;
using Requant.Tests;

namespace Requant.Bits;

/// <summary>Checks a rule at each vector width, and hashes what is left behind.</summary>
internal sealed class HashCheck(SimdWidth[] widths, StateFormat format) : IRuleCheck
{
    /// <summary>Of parameters, codes, absmax and all else after each step of each case; the same at each
    /// width.</summary>
    public ulong Hash { get; private set; }

    public void Run<TRule>(TRule rule)
        where TRule : IOptimizerRule<TRule>
    {
        Recorder[] recorders = [.. widths.Select(width => new Recorder(width))];
        RuleConformance.Check(rule, new ConformanceOptions
        {
            Lengths = [1, 1003],
            LengthsAroundBlock = [0],
            BlockSizes = [16, 256],
            Steps = 2,
            ElementTypes =
            [
                (ElementType.Float32, ElementType.Float32), (ElementType.BFloat16, ElementType.Float16),
            ],
            StateFormats = [format],
            Backends = recorders,
        });
        Hash = recorders[0].Hash;
        if (recorders.Any(recorder => recorder.Hash != Hash))
        {
            throw new InvalidOperationException($"The widths of rule '{TRule.Info.Name}' leave different bits.");
        }
    }

    /// <summary>A width of the processor's vectors that keeps a hash of its snapshots.</summary>
    private sealed class Recorder(SimdWidth width) : IConformanceBackend
    {
        private const int Threads = 2;

        private readonly CpuBackend _backend = new(width, Threads);
        private readonly XxHash3 _hash = new();

        public string Name => _backend.Name;

        public bool IsSlow => false;

        public ulong Hash => _hash.GetCurrentHashAsUInt64();

        public IEnumerable<Snapshot> Run<TRule>(TRule rule, ConformanceCase data)
            where TRule : IOptimizerRule<TRule>
        {
            foreach (Snapshot snapshot in _backend.Run(rule, data))
            {
                foreach (SnapshotField field in snapshot.Fields)
                {
                    _hash.Append(BitConverter.GetBytes(field.Bytes.Length));
                    _hash.Append(field.Bytes.Span);
                }

                yield return snapshot;
            }
        }
    }
}
