using System.Globalization;
using Requant.CompilerServices;
using Requant.Ptx;
using Requant.Tests;

namespace Requant.Conformance.Devices;

/// <summary>What the kernels of a step of a matrix cost a device for each of its elements, counted on the PTX for
/// whole blocks, rows and bands.</summary>
/// <remarks>Instructions are those of <see cref="StepCost.Instructions"/>.</remarks>
public class MatrixBudgetTests(ITestOutputHelper output)
{
    private const int Seed = 5;

    /// <summary>A block and a whole number of strips.</summary>
    private const int Columns = 256;

    /// <summary>One band. In the longer matrix each warp takes twice as much, so that the difference has none of a
    /// kernel's start.</summary>
    private const int ShortRows = 64;

    private const int LongRows = 128;

    /// <summary>Values of rows, columns and tensors are next to nothing where so many elements share one.</summary>
    private const double MostOfOthers = 0.5;

    private const string Prefix = "Kernel_";

    /// <summary>The most instructions for an element, of each kernel over elements by the beginning of its name, and of
    /// those that finish sums of rows and columns. They are a ratchet, at most half an instruction above the present
    /// numbers; whoever makes kernels cheaper lowers them to the numbers that the test prints.</summary>
    private static readonly Dictionary<string, Dictionary<string, double>> Budgets = new()
    {
        ["Adafactor"] = new()
        {
            ["ReducePhase0"] = 85.5, ["ReduceRowsPhase0"] = 86.5, ["ReduceColumnsPhase0"] = 23.0,
            ["ReducePhase2"] = 89.5, ["Update"] = 84.0, ["FinishRows"] = 67.5, ["FinishColumns"] = 2.5,
        },
        ["Came"] = new()
        {
            ["ReducePhase0"] = 65.0, ["ReduceRowsPhase0"] = 86.5, ["ReduceColumnsPhase0"] = 23.0,
            ["ReducePhase2"] = 89.5, ["ReduceRowsPhase3"] = 113.0, ["ReduceColumnsPhase3"] = 65.0, ["Update"] = 181.5,
            ["FinishRows"] = 113.0, ["FinishColumns"] = 3.5,
        },
        ["Sm3"] = new()
        {
            ["ReduceRowsPhase0"] = 113.0, ["ReduceColumnsPhase0"] = 52.5, ["Update"] = 223.0, ["FinishRows"] = 25.0,
            ["FinishColumns"] = 0.5,
        },
    };

    public static TheoryData<string> Rules => [.. LongRun.Of<IEnumerable<string>>(["Adafactor"], Budgets.Keys)];

    [Theory]
    [MemberData(nameof(Rules))]
    public void Step_OfAMatrix_StaysWithinItsBudget(string rule)
    {
        var cost = new KernelCosts();
        RuleTable.With(rule, cost);
        Assert.All(Budgets[rule].Keys, name => Assert.Contains(cost.Instructions.Keys, kernel => IsOf(kernel, name)));
        foreach ((string kernel, double instructions) in cost.Instructions)
        {
            double most = Budgets[rule].Where(budget => IsOf(kernel, budget.Key))
                .Select(budget => budget.Value).DefaultIfEmpty(MostOfOthers).Single();
            string text = string.Create(
                CultureInfo.InvariantCulture,
                $"{rule}, {kernel}: {instructions:F2} instructions an element; the bound is {most}.");
            output.WriteLine(text);
            Assert.True(instructions <= most, text);
        }
    }

    private static bool IsOf(string kernel, string name) =>
        kernel.StartsWith(Prefix + name, StringComparison.Ordinal);

    /// <summary>Of the second step, with 8-bit states and float32 elements.</summary>
    private sealed class KernelCosts : IRuleCheck
    {
        public Dictionary<string, double> Instructions { get; } = [];

        public void Run<TRule>(TRule rule)
            where TRule : IOptimizerRule<TRule>
        {
            Dictionary<string, long> shorter = Measure(rule, ShortRows);
            foreach ((string kernel, long all) in Measure(rule, LongRows))
            {
                Instructions.Add(kernel, (double)(all - shorter[kernel]) / ((LongRows - ShortRows) * Columns));
            }
        }

        private static Dictionary<string, long> Measure<TRule>(TRule rule, int rows)
            where TRule : IOptimizerRule<TRule>
        {
            const int Steps = 2;
            int length = rows * Columns;
            using var optimizer = new PtxOptimizer<TRule>(
                rule, new OptimizerOptions { MinQuantizedLength = 0 }, StepCost.OneGroup);
            ParameterState state = optimizer.Add("w", rows, Columns);
            float[] parameter = HardValues.Parameters(length, Seed);
            for (int step = 1; step <= Steps; step++)
            {
                optimizer.Step(state, parameter, HardValues.Dense(length, Seed + step));
            }

            return optimizer.LastStep.Launches.GroupBy(launch => launch.Kernel)
                .ToDictionary(
                    kernel => kernel.Key, kernel => kernel.Sum(launch => StepCost.Weighted(launch.Profile)));
        }
    }
}
