using System.Globalization;
using Requant.Optimizers;

namespace Requant.Ptx.Tests.Rules;

/// <summary>What a step of Adam costs a device per parameter, counted on the PTX. The bounds are a ratchet: whoever makes the
/// kernels cheaper lowers them to a little above the new numbers, which the tests print.</summary>
public class BudgetTests(ITestOutputHelper output)
{
    /// <summary>Whole blocks, four for each warp, so that the start of a kernel weighs 3 instructions a parameter.</summary>
    private const int Length = 64 * BlockSize;

    private const int BlockSize = 256;
    private const int Seed = 5;

    /// <summary>Share of a warp's lanes, to count the instructions of warps as those of lanes.</summary>
    private const int WarpSize = 32;

    /// <summary>The upper bounds. Present numbers: 8-bit 541.3, 566.1, 21.0, 6.03, 80.9; float32 96.8, 96.8, 20.0, 12.0, 0.9.
    /// The former bytes are the least that two passes over the gradient and one kernel without shared memory need.</summary>
    private static readonly Budget Adam8Bit = new(
        LaneInstructions: 545, IssueSlots: 570, TensorBytesRead: 21.1, TensorBytesWritten: 6.1, TableBytesRead: 81);

    private static readonly Budget AdamFloat32 = new(
        LaneInstructions: 98, IssueSlots: 98, TensorBytesRead: 20.1, TensorBytesWritten: 12.1, TableBytesRead: 1);

    [Fact]
    public void Adam_8BitStates_StaysWithinItsBudget() => AssertWithin(Adam8Bit, Measure(quantized: true));

    [Fact]
    public void Adam_Float32States_StaysWithinItsBudget() => AssertWithin(AdamFloat32, Measure(quantized: false));

    private static Budget Measure(bool quantized)
    {
        var options = new OptimizerOptions { BlockSize = BlockSize, MinQuantizedLength = quantized ? 0 : long.MaxValue };
        using var optimizer = new PtxOptimizer<Adam>(new Adam(), options);
        ParameterState state = optimizer.Add("w", Length);
        float[] parameters = Gradients.Parameters(Length, Seed);

        // The second step is the one that training repeats: the first one finds empty states.
        for (int step = 1; step <= 2; step++)
        {
            optimizer.Step(state, parameters, Gradients.Parameters(Length, Seed + step));
        }

        PtxProfile instructions = optimizer.LastStep.Instructions;
        var tables = optimizer.LastStep.Traffic.Where(pair => IsTable(pair.Key)).Select(pair => pair.Value).ToList();
        var tensors = optimizer.LastStep.Traffic.Where(pair => !IsTable(pair.Key)).Select(pair => pair.Value).ToList();
        return new Budget(
            (double)instructions.LaneInstructions / Length,
            (double)instructions.WarpInstructions * WarpSize / Length,
            (double)tensors.Sum(traffic => traffic.BytesRead) / Length,
            (double)tensors.Sum(traffic => traffic.BytesWritten) / Length,
            (double)tables.Sum(traffic => traffic.BytesRead) / Length);
    }

    /// <summary>What all warps share, and caches hold.</summary>
    private static bool IsTable(string buffer) => buffer == "uniforms"
        || buffer.EndsWith(".codebook", StringComparison.Ordinal) || buffer.EndsWith(".thresholds", StringComparison.Ordinal);

    private void AssertWithin(Budget bound, Budget measured)
    {
        output.WriteLine($"bound    {bound}");
        output.WriteLine($"measured {measured}");
        Assert.True(
            measured.LaneInstructions <= bound.LaneInstructions && measured.IssueSlots <= bound.IssueSlots
            && measured.TensorBytesRead <= bound.TensorBytesRead && measured.TensorBytesWritten <= bound.TensorBytesWritten
            && measured.TableBytesRead <= bound.TableBytesRead,
            $"A parameter costs {measured}; the bound is {bound}.");
    }

    /// <summary>Costs of one parameter in one step.</summary>
    /// <param name="LaneInstructions">Instructions of lanes.</param>
    /// <param name="IssueSlots">Instructions of warps times 32: also lanes that wait for the other side of a branch.</param>
    /// <param name="TensorBytesRead">Parameter, gradient, states and partial results.</param>
    /// <param name="TensorBytesWritten">The same.</param>
    /// <param name="TableBytesRead">Uniforms, codebooks and thresholds.</param>
    private sealed record Budget(
        double LaneInstructions, double IssueSlots, double TensorBytesRead, double TensorBytesWritten, double TableBytesRead)
    {
        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture,
            $"{LaneInstructions:F1} lane instructions, {IssueSlots:F1} issue slots, tensors {TensorBytesRead:F2} bytes read and "
            + $"{TensorBytesWritten:F2} written, tables {TableBytesRead:F1} bytes read");
    }
}
