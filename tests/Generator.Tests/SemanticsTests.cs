using System.Reflection;
using Requant.Generator.Tests.Harness;
using Xunit;

namespace Requant.Generator.Tests;

/// <summary>A generated optimizer computes what the rule's own C# computes, to the bit, at every vector width; but for
/// the transcendental functions, which C# takes from the system's library.</summary>
public sealed class SemanticsTests
{
    /// <summary>Both that library and the kernels are off by less than 1.5 units in the last place, so they differ by
    /// two floats at the most.</summary>
    private const int TranscendentalUlps = 2;

    private static readonly string[] Transcendental = ["Logarithms", "Curves", "Angles"];

    public static TheoryData<string, SimdWidth> RulesAndWidths { get; } =
        [.. from rule in RuleAssembly.Semantic.Rules from width in SimdWidths.Supported select (rule.Name, width)];

    [Theory]
    [MemberData(nameof(RulesAndWidths))]
    public void Optimizer_OfRule_ComputesWhatTheMethodComputes(string name, SimdWidth width)
    {
        CompiledRule rule = RuleAssembly.Semantic.Rules.Single(candidate => candidate.Name == name);
        foreach (IReadOnlyDictionary<string, double> hyperparameters in Settings(rule.Method))
        {
            Assert.True(RuleComparison.AssertSame(
                rule, width, hyperparameters, Transcendental.Contains(name) ? TranscendentalUlps : 0));
        }
    }

    /// <summary>Every combination of the flags, with the defaults of the numbers and with others.</summary>
    private static IEnumerable<IReadOnlyDictionary<string, double>> Settings(MethodInfo method)
    {
        ParameterInfo[] hyperparameters = [.. method.GetParameters().Where(parameter => parameter.HasDefaultValue)];
        ParameterInfo[] flags = [.. hyperparameters.Where(parameter => parameter.ParameterType == typeof(bool))];
        ParameterInfo[] numbers = [.. hyperparameters.Except(flags)];
        for (int mask = 0; mask < 1 << flags.Length; mask++)
        {
            var setting = flags.Select((flag, bit) => (flag.Name, Value: (double)((mask >> bit) & 1)))
                .ToDictionary(pair => pair.Name!, pair => pair.Value);
            yield return setting;
            yield return setting.Concat(
                numbers.Select(number => KeyValuePair.Create(number.Name!, Other(number.DefaultValue!))))
                .ToDictionary();
        }
    }

    private static double Other(object value) => value switch
    {
        int number => number == int.MaxValue ? number - 1.0 : number + 1.0,
        float number => number * 0.75,
        _ => throw new ArgumentException($"No hyperparameter is a {value.GetType()}.", nameof(value)),
    };
}
