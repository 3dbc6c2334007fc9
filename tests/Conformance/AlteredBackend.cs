using System.Runtime.InteropServices;
using Requant.Testing;

namespace Requant.Conformance;

/// <summary>The scalar kernels, but something is done to what a step left behind, in all cases or in some.</summary>
internal sealed class AlteredBackend(
    int step, string field, Action<byte[]> alter, Func<ConformanceCase, bool>? isAltered = null) : IConformanceBackend
{
    public string Name => "altered";

    public bool IsSlow => false;

    public static AlteredBackend Floats(int step, string field, Action<Span<float>> alter) =>
        new(step, field, bytes => alter(MemoryMarshal.Cast<byte, float>(bytes.AsSpan())));

    public IEnumerable<Snapshot> Run<TRule>(TRule rule, ConformanceCase data)
        where TRule : IOptimizerRule<TRule> =>
        new CpuBackend(SimdWidth.Scalar, threads: 1).Run(rule, data).Select((snapshot, index) =>
            index + 1 == step && isAltered?.Invoke(data) != false ? Alter(snapshot) : snapshot);

    private Snapshot Alter(Snapshot snapshot)
    {
        var altered = new Snapshot();
        foreach (SnapshotField one in snapshot.Fields)
        {
            byte[] bytes = one.Bytes.ToArray();
            if (one.Name == field && bytes.Length > 0)
            {
                alter(bytes);
            }

            switch (one.Kind)
            {
                case ElementKind.Code: altered.Add<byte>(one.Tensor, one.Name, one.Kind, bytes); break;
                case ElementKind.Float32:
                    altered.Add<float>(one.Tensor, one.Name, one.Kind, MemoryMarshal.Cast<byte, float>(bytes));
                    break;
                case ElementKind.Float16 or ElementKind.BFloat16:
                    altered.Add<ushort>(one.Tensor, one.Name, one.Kind, MemoryMarshal.Cast<byte, ushort>(bytes));
                    break;
                default:
                    altered.Add<long>(one.Tensor, one.Name, one.Kind, MemoryMarshal.Cast<byte, long>(bytes));
                    break;
            }
        }

        return altered;
    }
}
