using Requant.Optimizers;
using Requant.Ptx;
using Requant.Testing;
using Requant.Tests;

namespace Requant.Conformance.Devices;

/// <summary>Devices make of matrices what the processor makes of them, where all gradients are finite: with others they
/// are left as they are.</summary>
public class MatrixTests
{
    private const int Seed = 6151;

    /// <summary>Flat ones and tall ones, within a tile of a product and across.</summary>
    private static readonly long[][] Shapes = LongRun.Of<long[][]>(
        [[66, 9], [5, 19], [5]], [[37, 21], [9, 130], [70, 66], [64, 3], [5], [1, 33]]);

    public static TheoryData<bool> Backends => [false, true];

    [Theory]
    [MemberData(nameof(Backends))]
    public void Muon_OfFiniteGradients_EqualsScalar(bool isPtx) =>
        AssertSame(new Muon { Lr = 0.01f, Steps = LongRun.Of(2, 5) }, isPtx);

    [Theory]
    [MemberData(nameof(Backends))]
    public void TwoMatrices_OfFiniteGradients_EqualsScalar(bool isPtx) => AssertSame(new TwoMatrices(), isPtx);

    [Fact]
    public void Came_OfFiniteGradients_EqualsScalar() => AssertSame(new Came(), isPtx: true);

    private static void AssertSame<TRule>(TRule rule, bool isPtx)
        where TRule : IOptimizerRule<TRule>
    {
        using var ilgpu = new IlgpuBackend();
        IConformanceBackend backend = isPtx ? new PtxBackend() : ilgpu;
        var data = new ConformanceCase(
            [.. Shapes.Select(shape => (int)shape.Aggregate(1L, (product, one) => product * one))], 64,
            IsQuantized: true, GradientKind.Plain, Steps: 2, Seed)
        {
            Shapes = Shapes,
        };
        Snapshot[] expected = [.. new CpuBackend(SimdWidth.Scalar, threads: 1).Run(rule, data)];
        Snapshot[] actual = [.. backend.Run(rule, data)];
        for (int step = 0; step < data.Steps; step++)
        {
            Assert.Equal(expected[step].Fields.Count, actual[step].Fields.Count);
            foreach ((SnapshotField one, SnapshotField other) in expected[step].Fields.Zip(actual[step].Fields))
            {
                Assert.True(
                    one.Bytes.Span.SequenceEqual(other.Bytes.Span),
                    $"step {step + 1}, tensor {one.Tensor}: {one.Name} differs at byte "
                    + $"{one.Bytes.Span.CommonPrefixLength(other.Bytes.Span)}");
                if (one.Tensor < 0)
                {
                    Assert.Equal(0, BitConverter.ToInt64(one.Bytes.Span));
                }
            }
        }
    }
}
