using System.Text.RegularExpressions;
using Requant.Generator.Emit;
using Requant.Generator.Emit.Scalar;
using Requant.Generator.Emit.Shared;
using Requant.Generator.Emit.Simd;
using Requant.Generator.Ir;
using Requant.Generator.Lower;
using Requant.Generator.Plan;
using Requant.Generator.Tests.Harness;
using Xunit;

namespace Requant.Generator.Tests;

/// <summary>Which lines of a rule its operations and its generated code come from.</summary>
public sealed class RuleLineTests
{
    private const string Start = """
        using Requant;
        static class Rules
        {
            [OptimizerRule]
            // A comment, and an attribute of its own line.
            [System.Obsolete("old")]
            public static void Own(
                ref float p, float g, [State] ref float m, // the moment
                float lr = 1e-3f, float beta = 0.9f, float anotherHyperparameterWithALongName = 0.25f, float last = 1f)
            {

        """;

    public static TheoryData<string> Names { get; } = [.. RuleFiles.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Operation_WithTheAuthorsName_IsOfALineThatNamesIt(string name)
    {
        RuleModel rule = RuleFiles.Run.Models.Single(model => model.TypeName == name);
        string[] lines = rule.Source.Split('\n');

        Assert.All(rule.Body.Ops, op => Assert.InRange(op.Line, 1, lines.Length));
        Assert.All(
            rule.Body.Ops.Where(op => op.Name.Length > 0 && op.IsInput),
            op => Assert.Matches($@"\b{Regex.Escape(op.Name)}\b", lines[op.Line - 1]));
    }

    [Fact]
    public void Operation_OverSeveralLines_IsOfTheOneThatItBeginsOn()
    {
        RuleModel rule = ModelOf("""
                    // The average.
                    m = beta * m
                        + (1 - beta) * g;
                    if (last > 0.5f)
                    {
                        m = MathF.Max(m, 0f); /* never negative */
                    }
                    p -= lr * m * last * anotherHyperparameterWithALongName;
                }
            }
            """);

        Assert.Equal("m = beta * m + (1 - beta) * g;", LineOf(rule, op => op.Code == OpCode.Add));
        Assert.Equal("m = MathF.Max(m, 0f);", LineOf(rule, op => op.Code == OpCode.Max));
        Assert.Equal("if (last > 0.5f)", LineOf(rule, op => op.Code == OpCode.Select));
        Assert.StartsWith("p -= ", LineOf(rule, op => op.Code == OpCode.Subtract && op.Name == "p"));
        Assert.Contains("ref float m", LineOf(rule, op => op.Code == OpCode.OldState));
        Assert.Contains("float last", LineOf(rule, op => op.Text == "Last"));
    }

    [Fact]
    public void Operation_OfAHelper_IsOfTheRulesCall()
    {
        RuleModel rule = ModelOf("""
                    m = Mix(m, g, beta);
                    p -= lr * m * last * anotherHyperparameterWithALongName;
                }

                static float Mix(float a, float b, float t)
                {
                    float own = Scaled(a, t);
                    return own + (1 - t) * b;
                }

                static float Scaled(float a, float t) => MathF.Abs(a) * t;
            }
            """);

        Assert.Equal("m = Mix(m, g, beta);", LineOf(rule, op => op.Code == OpCode.Abs));
        Assert.Equal("m = Mix(m, g, beta);", LineOf(rule, op => op.Code == OpCode.Add));
    }

    [Fact]
    public void Line_OfComments_DoesNotMatter()
    {
        const string Body = "        m = beta * m + g;\n"
            + "        p -= lr * m * last * anotherHyperparameterWithALongName;\n    }\n}\n";
        RuleModel plain = ModelOf(Body);
        RuleModel commented = ModelOf("            // One\n            // and two.\n" + Body);

        Assert.Equal(plain, commented);
    }

    [Fact]
    public void Statement_OfEachBackend_ComesFromTheLineOfItsVariable()
    {
        RuleModel rule = RuleFiles.Run.Models.Single(model => model.TypeName == "AdamW");
        KernelPlan plan = Planner.Plan(rule);
        int moment = Array.FindIndex(rule.Source.Split('\n'), line => line.TrimStart().StartsWith("m = ")) + 1;
        Assert.True(moment > 0);
        foreach (string file in new[] { ScalarEmitter.Emit(plan), SimdEmitter.Emit(plan) })
        {
            (string text, string map) = LineMarks.Strip(file);
            string[] lines = text.Split('\n');
            Dictionary<int, string> known = map.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(entry => entry.Split(':')).ToDictionary(entry => int.Parse(entry[0]), entry => entry[1]);
            int[] statements =
                [.. Enumerable.Range(1, lines.Length).Where(line => lines[line - 1].Contains(" newM = "))];
            Assert.NotEmpty(statements);
            Assert.All(statements, line => Assert.Equal($"{moment}", known[line]));
            Assert.DoesNotContain(known.Keys, line => lines[line - 1].Trim() is "{" or "}" or "");
        }
    }

    [Fact]
    public void Strip_MarksOnALine_AreTakenOutAndCollected() => Assert.Equal(
        ("one\ntwo three\n\n", "2:1,3,12\n"),
        LineMarks.Strip(
            "one\ntwo" + LineMarks.Of([3, 0, 12]) + " three" + LineMarks.Of([1, 3]) + LineMarks.Of([]) + "\n\n"));

    private static RuleModel ModelOf(string body) => GeneratorRun.Of(Start + body).Models.Single();

    private static string LineOf(RuleModel rule, Func<IrOp, bool> isWanted) =>
        rule.Source.Split('\n')[rule.Body.Ops.First(isWanted).Line - 1].Trim();
}
