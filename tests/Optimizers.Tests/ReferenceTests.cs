using Requant.Optimizers.Tests.Matrices;

namespace Requant.Optimizers.Tests;

/// <summary>Every shipped rule and variant against its formula in float64: with float32 states, where the reference
/// runs on its own, and with quantized ones, where it starts each step from the dequantized states, so that rounding
/// them is no error.</summary>
public class ReferenceTests
{
    public static MatrixTheoryData<string, int> Cases => new(ReferenceTable.Names, [1, 255, 256, 257, 4096]);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Steps_Float32States_FollowReference(string rule, int length) =>
        ReferenceTable.Run(rule, new FreeRun(length));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Step_QuantizedStates_MatchesReferenceFromSameStates(string rule, int length) =>
        ReferenceTable.Run(rule, new SyncedRun(length));

    [Fact]
    public void Table_HasEveryShippedRule()
    {
        IEnumerable<string> shipped = typeof(Adam).Assembly.GetTypes()
            .Where(type => type.GetInterfaces().Any(one => one.Name == typeof(IOptimizerRule<>).Name))
            .Select(type => type.Name);

        Assert.Equal(shipped.Order(StringComparer.Ordinal),
            ReferenceTable.Names.Concat(MatrixTable.Names).Select(name => name.Split(',')[0]).Distinct()
                .Order(StringComparer.Ordinal));
    }
}
