using System.Collections.Concurrent;
using System.Globalization;
using Requant.Codecs;
using Requant.CompilerServices;
using Requant.Devices;
using Requant.Numerics;
using Requant.Optimizers;
using Requant.Ptx;
using Requant.Tests;

namespace Requant.Conformance.Devices;

/// <summary>What a step of each shipped rule costs a device per parameter, counted on the PTX for whole, aligned
/// blocks. See <see cref="BudgetTable"/>.</summary>
public class BudgetTests(ITestOutputHelper output)
{
    /// <summary>Of the minimum, which a kernel may move more. All but first steps move none; those load the absmax of a
    /// state that they write without having read it.</summary>
    private const double SpareBytes = 1.02;

    /// <summary>Counts are quotients of integers.</summary>
    private const double Epsilon = 1e-9;

    /// <summary>Any but 1.</summary>
    private const float Scale = 1f / 3f;

    /// <summary>What a group's warps load of a tensor's row, uniforms and tables, once for each launch.</summary>
    private const int RowBytes = DeviceTensor.RowLength * sizeof(long);

    private static readonly StateFormat Dynamic = new(StateCodecs.Dynamic, StateRounding.Nearest);
    private static readonly StateFormat MiniFloat = new(StateCodecs.MiniFloat, StateRounding.Nearest);

    private static readonly Storage[] Storages =
    [
        new(ElementType.Float32, Dynamic),
        new(ElementType.Float16, Dynamic),
        new(ElementType.BFloat16, Dynamic),
        new(ElementType.Float32, StateFormat.Float32),
        new(ElementType.Float32, MiniFloat),
        new(ElementType.BFloat16, MiniFloat),
        new(ElementType.BFloat16, MiniFloat, HasRemainder: true),
        new(ElementType.Float32, Dynamic with { Rounding = StateRounding.Stochastic }),
        new(ElementType.Float32, MiniFloat with { Rounding = StateRounding.Stochastic }),
    ];

    /// <summary>What each row and storage costs, which several tests ask.</summary>
    private static readonly ConcurrentDictionary<(string Row, Storage Storage), Lazy<StepCost>> Costs = new();

    /// <summary>The usual run measures one row of so many, <c>.ci/run</c> all of them.</summary>
    private static readonly int RowsPerMeasured = LongRun.Of(6, 2);

    public static TheoryData<string> Rules =>
        [.. BudgetTable.Rows.Where((_, index) => index % RowsPerMeasured == 0).Select(row => row.ToString())];

    [Theory]
    [MemberData(nameof(Rules))]
    public void Step_OfWholeBlocks_StaysWithinItsBudget(string rule) => Check(rule, (budget, info, storage, cost) =>
    {
        output.WriteLine($"{budget} | {storage} | {cost}");
        AssertWithin(budget.LeastRead(info, storage), cost.BytesRead, "reads");
        AssertWithin(budget.LeastWritten(info, storage), cost.BytesWritten, "writes");
        double bound = budget.Most(storage);
        Assert.True(cost.Instructions <= bound, string.Create(
            CultureInfo.InvariantCulture,
            $"{budget}, {storage}: {cost.Instructions:F2} instructions a parameter; the bound is {bound}."));
    });

    [Theory]
    [MemberData(nameof(Rules))]
    public void Step_OfWholeBlocks_LoadsTablesOnceForEachGroup(string rule) =>
        Check(rule, (budget, info, storage, cost) =>
        {
            int tables = storage.States.Codecs == StateCodecs.Dynamic
                ? info.States.Where(state => state.Codec != Codec.Float32)
                    .Sum(state => DeviceTables.For(state.Codec.IsUnsigned()
                        ? Codec.DynamicUnsigned
                        : Codec.Dynamic).Length * sizeof(int))
                : 0;
            int ofWarp =
                RowBytes + ((info.UniformCount + (budget.IsScaled ? DeviceStepValue.Count : 0)) * sizeof(float));
            int most = info.PhaseCount * (tables + (StepCost.Warps * ofWarp));
            Assert.True(
                cost.TableBytes <= most,
                $"{budget}, {storage}: {cost.TableBytes} bytes of tables; the bound is {most}");
            Assert.Equal(0.0, cost.TableBytesPerParameter);
        });

    [Theory]
    [MemberData(nameof(Rules))]
    public void Access_OfWholeBlocks_IsWideAndWithoutGaps(string rule) => Check(rule, (budget, _, storage, cost) =>
    {
        PtxAccess[] accesses = [.. cost.Accesses.Where(access => WidthOf(access, storage) > 0)];
        Assert.NotEmpty(accesses);
        Assert.All(accesses, access =>
        {
            Assert.True(access.BytesPerLane == WidthOf(access, storage), $"{budget}, {storage}: {access}");
            Assert.True(
                access.DistinctBytes == access.Sectors * PtxAccess.SectorBytes,
                $"{budget}, {storage}: {access.Sectors} sectors for {access.DistinctBytes} bytes, {access}");
        });
    });

    [Fact]
    public void BudgetTable_EveryRuleAndFirstStep_IsThere()
    {
        var expected = new VariantNames();
        foreach (string name in RuleTable.Names)
        {
            expected.Name = name;
            RuleTable.With(name, expected);
        }

        Assert.Equal(
            expected.Rows.Order(), BudgetTable.Rows.Where(row => !row.IsScaled).Select(row => row.ToString()).Order());
    }

    [Fact]
    public void Adam_8Bit_IsBelowWhatBandwidthAllows()
    {
        // An H200 issues some 110 instructions in the time that 16 bytes of its memory take; see docs/adr/0009.
        const double Adam8BitLimit = 90;
        Assert.All(
            BudgetTable.Rows.Where(row => row.Rule == "Adam"),
            row => Assert.InRange(row.Instructions.Float32, 1, Adam8BitLimit));

        // What MiniFloat is for, where an instruction or two are left for what comes.
        const double MiniFloatLimit = 68;
        const double MiniFloatBFloat16Limit = 70;
        Assert.All(BudgetTable.Rows.Where(row => row.ToString() == "Adam"), row =>
        {
            Assert.InRange(row.Instructions.MiniFloat, 1, MiniFloatLimit);
            Assert.InRange(row.Instructions.MiniFloatBFloat16, 1, MiniFloatBFloat16Limit);
        });
    }

    /// <summary>What a norm costs: one more read of the gradients, and next to nothing else. A step that
    /// clips is scaled.</summary>
    [Theory]
    [InlineData(ElementType.Float32, 22.0)]
    [InlineData(ElementType.Float16, 23.0)]
    [InlineData(ElementType.BFloat16, 24.0)]
    public void Measure_OfWholeBlocks_StaysWithinItsBudget(ElementType elements, double bound)
    {
        const float AnyNorm = 1e-3f;
        const double PerBlock = 2.0 * sizeof(double) / 256;
        var storage = new Storage(elements, Dynamic);
        StepCost with = StepCost.Measure(new Adam(), storage, 2, Scale, AnyNorm);
        StepCost without = StepCost.Measure(new Adam(), storage, 2, Scale);
        double instructions = with.Instructions - without.Instructions;
        double read = with.BytesRead.Values.Sum() - without.BytesRead.Values.Sum();
        double written = with.BytesWritten.Values.Sum() - without.BytesWritten.Values.Sum();

        output.WriteLine($"{storage} | {instructions:F2} instructions, {read:F3} bytes read and {written:F3} written");

        Assert.InRange(instructions, 0, bound);
        Assert.Equal(2.0 * elements.Size(), with.BytesRead["gradient"]);
        Assert.InRange(read, elements.Size(), elements.Size() + PerBlock);
        Assert.InRange(written, 0, PerBlock);
    }

    /// <summary>Bytes that a lane should take of elements, values or codes at once, or 0 for anything else.</summary>
    private static int WidthOf(PtxAccess access, Storage storage)
    {
        string buffer = access.Buffers.First();
        return buffer switch
        {
            "parameter" or "gradient" or "remainder" => 4 * storage.Elements.Size(),
            _ when buffer.EndsWith(".values", StringComparison.Ordinal) => 4 * sizeof(float),
            _ when buffer.EndsWith(".codes", StringComparison.Ordinal) => 4 * sizeof(byte),
            _ => 0,
        };
    }

    private static void AssertWithin(
        Dictionary<string, double> least, IReadOnlyDictionary<string, double> measured, string does)
    {
        double sum = measured.Values.Sum();
        double leastSum = least.Values.Sum();
        Assert.True(sum <= leastSum * SpareBytes, $"It {does} {sum} bytes a parameter; the least is {leastSum}.");

        // Less than the least would be an error of the table.
        Assert.All(least, pair => Assert.True(
            measured[pair.Key] >= pair.Value - Epsilon,
            $"It {does} {measured[pair.Key]} bytes a parameter of {pair.Key}, not {pair.Value}."));
    }

    private static void Check(string name, Action<RuleBudget, RuleInfo, Storage, StepCost> assert)
    {
        RuleBudget budget = BudgetTable.Rows.Single(row => row.ToString() == name);
        RuleTable.With(budget.Rule, new CostCheck(budget, assert));
    }

    private sealed class CostCheck(RuleBudget budget, Action<RuleBudget, RuleInfo, Storage, StepCost> assert)
        : IRuleCheck
    {
        public void Run<TRule>(TRule rule) where TRule : IOptimizerRule<TRule>
        {
            foreach (Storage storage in Storages)
            {
                assert(
                    budget, TRule.Info, storage, Costs.GetOrAdd((budget.ToString(), storage), _ => new Lazy<StepCost>(
                        () => StepCost.Measure(WithDefaults(rule), storage, budget.Step, budget.IsScaled
                            ? Scale
                            : 1f))).Value);
            }
        }
    }

    private static TensorStep First => new() { Step = 1, UnusedStates = -1 };

    private static TensorStep Second => new() { Step = 2 };

    /// <summary>The kernel's cost with the rule's own defaults, wherever they select the same kernel: how often the
    /// lanes of a warp part depends on the numbers.</summary>
    private static TRule WithDefaults<TRule>(TRule rule)
        where TRule : IOptimizerRule<TRule>
    {
        for (int i = 0; i < TRule.Info.Hyperparameters.Count; i++)
        {
            TRule changed = rule.WithHyperparameter(i, TRule.Info.Hyperparameters[i].DefaultValue);
            bool isSameKernel = changed.SelectVariant(First) == rule.SelectVariant(First)
                && changed.SelectVariant(Second) == rule.SelectVariant(Second);
            rule = isSameKernel ? changed : rule;
        }

        return rule;
    }

    /// <summary>Names that the table should have: of each kernel of a rule, and of its first step if that takes
    /// another one.</summary>
    private sealed class VariantNames : IRuleCheck
    {
        private readonly HashSet<(Type Rule, int Variant)> _kernels = [];

        public string Name { get; set; } = "";

        public List<string> Rows { get; } = [];

        public void Run<TRule>(TRule rule) where TRule : IOptimizerRule<TRule>
        {
            if (!_kernels.Add((typeof(TRule), rule.SelectVariant(Second))))
            {
                return;
            }

            Rows.Add(Name);
            if (rule.SelectVariant(First) != rule.SelectVariant(Second))
            {
                Rows.Add(Name + ", first step");
            }
        }
    }
}
