using Requant.CompilerServices;
using Requant.Generator.Tests.Harness;
using Xunit;

namespace Requant.Generator.Tests;

/// <summary>REQ0xxx and REQ2xxx: the declaration of a rule, its parameters and states.</summary>
public sealed class DeclarationDiagnosticTests
{
    private const string Class = "using Requant; public static class Rules { [OptimizerRule] public static void ";

    private const string Ranged = "using System.ComponentModel.DataAnnotations; " + Class;

    private static string Torch(string arguments) =>
        Class.Replace("[OptimizerRule]", $"[OptimizerRule, [|TorchOptimizer({arguments})|]]", StringComparison.Ordinal);

    public static TheoryData<string, string> Cases { get; } = new()
    {
        { "REQ0001", "using Requant; public class Rules { [OptimizerRule] public static void [|Rule|](ref float p, "
            + "float g) { } }" },
        { "REQ0001",
            "using Requant; public class Rules { [OptimizerRule] public void [|Rule|](ref float p, float g) { } }" },
        { "REQ0001", "using Requant; public struct Rules { [OptimizerRule] public static void [|Rule|](ref float p, "
            + "float g) { } }" },
        { "REQ0001", "using Requant; public interface IRules { [OptimizerRule] static void [|Rule|](ref float p, "
            + "float g) { } }" },
        { "REQ0001", "using Requant; public static class Rules<T> { [OptimizerRule] public static void [|Rule|](ref "
            + "float p, float g) { } }" },
        { "REQ0001", "using Requant; public class Outer<T> { public static class Rules { [OptimizerRule] public static "
            + "void [|Rule|](ref float p, float g) { } } }" },
        { "REQ0001", Class + "[|Rule|]<T>(ref float p, float g) { } }" },
        { "REQ0001", "using Requant; public static class Rules { public static void F() { [OptimizerRule] static void "
            + "[|Rule|](ref float p, float g) { } float p = 0; Rule(ref p, 0); } }" },
        { "REQ0001", "using Requant; public class Rules { public static int F { [OptimizerRule] [|get|] => 1; } }" },
        { "REQ0002", "using Requant; public static class Rules { [OptimizerRule] public static [|float|] Rule(ref "
            + "float p, float g) => p - g; }" },
        { "REQ0002", "using Requant; public static class Rules { [OptimizerRule] public static [|ref float|] Rule(ref "
            + "float p, float g) => ref p; }" },
        { "REQ0003", Class + "Rule(float [|p|], float g) { } }" },
        { "REQ0003", Class + "Rule(ref double [|p|], float g) { } }" },
        { "REQ0003", Class + "Rule([State] ref float [|p|], float g) { } }" },
        { "REQ0003", Class + "Rule(in float [|p|], float g) { } }" },
        { "REQ0004", Class + "Rule(ref float p, ref float [|g|]) { } }" },
        { "REQ0004", Class + "Rule(ref float p, double [|g|]) { } }" },
        { "REQ0004", Class + "Rule(ref float p, float [|g|] = 0f) { } }" },
        { "REQ0004", Class + "[|Rule|](ref float p) { } }" },
        { "REQ0005", Class + "Rule(ref float p, float g, ref float [|m|]) { } }" },
        { "REQ0005", Class + "Rule(ref float p, float g, out float [|m|]) { m = 0; } }" },
        { "REQ0005", Class + "Rule(ref float p, float g, in float [|m|]) { } }" },
        { "REQ0005", Class + "Rule(ref float p, float g, long [|lr|] = 1) { } }" },
        { "REQ0005", Class + "Rule(ref float p, float g, string [|name|] = \"\") { } }" },
        { "REQ0005", Class + "Rule(ref float p, float g, float? [|lr|] = null) { } }" },
        { "REQ0005", Class + "Rule(ref float p, float g, params float[] [|rates|]) { } }" },
        { "REQ0005", Class + "Rule(ref float p, float g, int [|step|] = 1) { } }" },
        { "REQ0005", Class + "Rule(ref float p, float g, float [|step|]) { } }" },
        { "REQ0005", Class + "Rule(ref float p, float g, ref int [|step|]) { } }" },
        { "REQ0006", Class + "Rule(ref float p, float g, float [|lr|]) { } }" },
        { "REQ0006", Class + "Rule(ref float p, float g, bool [|flag|], int [|k|]) { } }" },
        { "REQ0007", Class + "Momentum(ref float p, float g, float [|momentum|] = 0.9f) { } }" },
        { "REQ0007", Class + "Rule(ref float p, float g, float beta = 0.9f, float [|Beta|] = 0.9f) { } }" },
        { "REQ0007", Class + "Rule(ref float p, float g, float [|toString|] = 0.9f) { } }" },
        { "REQ0007", Class + "Rule(ref float p, float g, float [|kernels|] = 1f, int [|clone|] = 1) { } }" },
        { "REQ0007", Class
            + "Rule(ref float p, float g, float [|lr|] = 0.9f) { } } public partial record Rule { private int _lr; }" },
        { "REQ0007", Class
            + "Rule(ref float p, float g, float [|lr|] = 0.9f) { } } public partial record Rule { "
            + "public float Lr() => 1; }" },
        { "REQ0008", "using Requant; public static class Rules { "
            + "[OptimizerRule, System.Runtime.InteropServices.DllImport(\"x\")] public static extern void [|Rule|](ref "
            + "float p, float g); }" },
        { "REQ0008", "using Requant; public static partial class Rules { [OptimizerRule] static partial void "
            + "[|Rule|](ref float p, float g); static partial void Rule(ref float p, float g) { } }" },
        { "REQ0008", "using Requant; public static partial class Rules { static partial void Rule(ref float p, "
            + "float g); [OptimizerRule] static partial void [|Rule|](ref float p, float g) { } }" },
        { "REQ0009", Class.Replace("Rule]", "Rule(Name = \"my rule\")]", StringComparison.Ordinal)
            + "[|Rule|](ref float p, float g) { } }" },
        { "REQ0009", Class.Replace("Rule]", "Rule(Name = \"\")]", StringComparison.Ordinal)
            + "[|Rule|](ref float p, float g) { } }" },
        { "REQ0009", Class + "[|@class|](ref float p, float g) { } }" },
        { "REQ0009", Class + "[|record|](ref float p, float g) { } }" },
        { "REQ0009", Class + "[|Kernels|](ref float p, float g) { } }" },
        { "REQ0009", Class + "[|MathF|](ref float p, float g) { } }" },
        { "REQ0010", Class + "[|Rule|](ref float p, float g) { } } public record Rule;" },
        { "REQ0010", Class + "[|Rule|](ref float p, float g) { } } public partial record struct Rule;" },
        { "REQ0010", "using Requant; namespace Own { namespace Rule { class Inner; } public static class Rules { "
            + "[OptimizerRule] public static void [|Rule|](ref float p, float g) { } } }" },
        { "REQ0010", Class + "[|System|](ref float p, float g) { } }" },
        { "REQ0003", Class + "Rule([TensorState] ref float [|p|], float g) { } }" },
        { "REQ0011", Class + "Rule(ref float p, float g, [State, TensorState] ref float [|d|]) { } }" },
        { "REQ0011", Class + "Rule(ref float p, float g, [RowState, ColumnState] ref float [|d|]) { } }" },
        { "REQ2001", Class + "Rule(ref float p, float g, [RowState] float [|d|]) { } }" },
        { "REQ2009", Class + "Rule(ref float p, float g, [ColumnState(float.NaN)] ref float [|d|]) { } }" },
        { "REQ2010", Class + "Rule(ref float p, float g, [RowState] ref float r) { r = [|r + g|]; p -= r; } }" },
        { "REQ2010", Class + "Rule(ref float p, float g, [RowState] ref float r, [ColumnState] ref float c) "
            + "{ c = [|c + r|]; p -= c; } }" },
        { "REQ2010", Class + "Rule(ref float p, float g, [RowState] ref float r, [ColumnState] ref float c) "
            + "{ r = [|Reduce.ColumnMax(g)|]; p -= c * r; } }" },
        { "REQ2001", Class + "Rule(ref float p, float g, [TensorState(1f)] float [|d|]) { } }" },
        { "REQ2008", Class + "Rule(ref float p, float g, [TensorState] ref float d) { d = [|d + g|]; p -= d; } }" },
        { "REQ2008",
            Class + "Rule(ref float p, float g, [TensorState] ref float d) { if ([|g > 0|]) d = 1; p -= d; } }" },
        { "REQ2009",
            Class + "Rule(ref float p, float g, [TensorState(float.PositiveInfinity)] ref float [|d|]) { } }" },
        { "REQ2006", Class
            + "Rule(ref float p, float g, [State(Codec.DynamicUnsigned)] ref float v) { p -= v; v = [|-1f|]; } }" },
        { "REQ2006", Class
            + "Rule(ref float p, float g, [State(Codec.DynamicUnsigned)] ref float v) { p -= v; v = g > 0 ? g : "
            + "[|-2f|]; } }" },
        { "REQ0016",
            Ranged + "Rule(ref float p, float g, [Range(0, 1, MaximumIsExclusive = true)] float [|beta|] = 1f) { } }" },
        { "REQ0016", Ranged + "Rule(ref float p, float g, [Range(0, 1)] float [|beta|] = 2f) { } }" },
        { "REQ0016", Ranged + "Rule(ref float p, float g, [Range(1, 0)] float [|beta|] = 0.5f) { } }" },
        { "REQ0016", Ranged + "Rule(ref float p, float g, [Range(1, 9)] int [|every|] = 0) { } }" },
        { "REQ0016", Ranged + "Rule(ref float p, float g, [Range(0, 1)] bool [|flag|] = false) { } }" },
        { "REQ0016", Ranged + "Rule(ref float p, float g, [Range(0, 1)] int [|step|]) { } }" },
        { "REQ0016", Ranged + "Rule(ref float p, float g, [State, Range(0, 1)] ref float [|m|]) { } }" },
        { "REQ0016",
            Ranged + "Rule(ref float p, float g, [Range(typeof(float), \"0\", \"1\")] float [|beta|] = 0.5f) { } }" },
        { "REQ0016", Class + "Rule(ref float p, float g, float [|beta|] = float.NaN) { } }" },
        { "REQ0017", Torch("\"rate\"") + "Rule(ref float p, float g, float lr = 0.1f, float weightDecay = 0f) { } }" },
        { "REQ0017", Torch("\"lr : 1e99\", \"weight_decay\"")
            + "Rule(ref float p, float g, float lr = 0.1f, float weightDecay = 0f) { } }" },
        { "REQ0017", Torch("\"lr : much\", \"weight_decay\"")
            + "Rule(ref float p, float g, float lr = 0.1f, float weightDecay = 0f) { } }" },
        { "REQ0017", Torch("\"lr\"") + "Rule(ref float p, float g, float lr = 0.1f, float weightDecay = 0f) { } }" },
        { "REQ0017", Torch("\"lr\", \"decay = weightDecay\", \"lr\"")
            + "Rule(ref float p, float g, float lr = 0.1f, float weightDecay = 0f) { } }" },
        { "REQ0017", Torch("\"lr\", \"decay = weightDecay = 0\"")
            + "Rule(ref float p, float g, float lr = 0.1f, float weightDecay = 0f) { } }" },
        { "REQ0017", Torch("\"lr\", \"weight_decay\", GroupOrder = new[] { \"lr\" }")
            + "Rule(ref float p, float g, float lr = 0.1f, float weightDecay = 0f) { } }" },
        { "REQ0017",
            Torch("Name = \"2fast\"") + "Rule(ref float p, float g, float lr = 0.1f, float weightDecay = 0f) { } }" },
        { "REQ2001", Class + "Rule(ref float p, float g, [State] float [|m|]) { } }" },
        { "REQ2001", Class + "Rule(ref float p, float g, [State] ref double [|m|]) { } }" },
        { "REQ2001", Class + "Rule(ref float p, float g, [State] out float [|m|]) { m = 0; } }" },
        { "REQ2002", Class.Replace("Rule]", "Rule([|BlockSize = 100|])]", StringComparison.Ordinal)
            + "Rule(ref float p, float g, [State] ref float m) { } }" },
        { "REQ2002", Class.Replace("Rule]", "Rule([|BlockSize = 0|])]", StringComparison.Ordinal)
            + "Rule(ref float p, float g, [State] ref float m) { } }" },
        { "REQ2002", Class.Replace("Rule]", "Rule([|BlockSize = 8192|])]", StringComparison.Ordinal)
            + "Rule(ref float p, float g, [State] ref float m) { } }" },
        { "REQ2003", Class
            + "Rule(ref float p, float g, [State] ref float a, [State] ref float b, [State] ref float c, [State] ref "
            + "float d, [State] ref float [|e|]) { } }" },
        { "REQ2004", Class
            + "Rule(ref float p, float g, [State([|BlockSize = 64|])] ref float m, [State(Codec.DynamicUnsigned)] ref "
            + "float v) { } }" },
        { "REQ2005", Class + "Rule(ref float p, float g, [State((Codec)(-1))] ref float [|m|]) { } }" },
        { "REQ2005", Class + "Rule(ref float p, float g, [State((Codec)99)] ref float [|m|]) { } }" },
        { "REQ2005", Class + "Rule(ref float p, float g, [State(Rounding = (StateRounding)2)] ref float [|m|]) { } }" },
        {
            "REQ2005",
            Class + "Rule(ref float p, float g, [State(Codec.MiniFloat)] ref float m, [State(Codec.MiniFloatUnsigned, "
                + "Rounding = (StateRounding)(-1))] ref float [|v|]) { } }"
        },
        {
            "REQ2006",
            Class + "Rule(ref float p, float g, [State(Codec.MiniFloatUnsigned)] ref float v) { p -= v; v = [|-1f|]; "
                + "} }"
        },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Declaration_OutOfShape_IsReportedThere(string id, string source) =>
        DiagnosticAssert.Reported(id, source);

    [Fact]
    public void TypeName_OfTwoRules_IsReportedAtTheLater() => DiagnosticAssert.Reported(
        "REQ0010",
        "using Requant; public static class A { [OptimizerRule] public static void Lion(ref float p, float g) { } } "
        + "public static class B { [OptimizerRule(Name = \"Lion\")] public static void [|Other|](ref float p, "
        + "float g) { } }",
        generatedRules: 1);

    [Theory]
    [InlineData("public static class Rules { [Requant.OptimizerRule] public static void Rule(ref float p, float g) => "
        + "p -= g; } public partial record Rule;")]
    [InlineData("namespace @event.@class; public static class Rules { [Requant.OptimizerRule] public static void "
        + "Rule(ref float p, float g) => p -= g; }")]
    [InlineData("namespace Requant; public static class Rules { [OptimizerRule] public static void Rule(ref float p, "
        + "float g, [State] ref float m) { m += g; p -= m; } }")]
    [InlineData("namespace Requant.Cpu; public static class Rules { [OptimizerRule] public static void Rule(ref float "
        + "p, float g, [State] ref float m) { m += g; p -= m; } }")]
    [InlineData("namespace N; public static class Rules { [Requant.OptimizerRule] public static void sgd(ref float p, "
        + "float g) => p -= g; }")]
    [InlineData("namespace N; public static class Rules { [Requant.OptimizerRule] public static void Rule(ref float p, "
        + "float g) => p -= g; public static void Rule() { } }")]
    [InlineData("namespace N; public static class Rules { [Requant.OptimizerRule(Name = \"Rule2\")] public static void "
        + "@void(ref float p, float g) => p -= g; }")]
    [InlineData("namespace N; public static class Outer { private static class Rules { [Requant.OptimizerRule] private "
        + "static void Rule(ref float p, float g) => p -= g; } }")]
    [InlineData("namespace N; file static class Rules { [Requant.OptimizerRule] public static void Rule(ref float p, "
        + "float g) => p -= g; }")]
    [InlineData("namespace N; public static class Rules { [Requant.OptimizerRule] public static void Rule(ref float p, "
        + "float g, float precision = 1f, int codec = 2, bool simdWidth = true, float span = 2, float math = 1, "
        + "float requant = 1, float system = 2, float info = 3, float global = 4) => p -= g * precision; }")]
    [InlineData("namespace N; public static class Rules { [Requant.OptimizerRule] public static void Scalar(ref float "
        + "p, float g, [Requant.State] ref float m) { m += g; p -= m; } }")]
    [InlineData("namespace N; public static class Rules { [Requant.OptimizerRule] public static void Simd512(ref float "
        + "p, float g, [Requant.State] ref float m) { m += g; p -= m; } }")]
    [InlineData(
        "namespace N; public enum Codec { A } public class RuleInfo; public class Span; public static class Rules { "
        + "[Requant.OptimizerRule] public static void Rule(ref float p, float g) => p -= g; }")]
    [InlineData(
        "namespace N; public static class Rules { [Requant.OptimizerRule] public static void Rule(ref "
        + "float p, float g, [Requant.State] ref float states, [Requant.State] ref float codecs, "
        + "[Requant.State] ref float Cpu, [Requant.State] ref float Device, float width = 1, int variant = "
        + "2, bool phase = true, float rounding = 3, float choice = 4, float value = 5) { states += g; "
        + "codecs += g; Cpu += g; Device += g; p -= (states + codecs + Cpu + Device) * (phase ? width : "
        + "variant * rounding + choice * value); } }")]
    [InlineData(
        "namespace N; public static class Rules { [Requant.OptimizerRule] public static void Rule(ref "
        + "float p, float g, [Requant.State] ref float width, [Requant.State] ref float variant, "
        + "[Requant.State] ref float TParameter, [Requant.State] ref float parameter, float states = 1, int "
        + "codecs = 2, bool cpu = true, float device = 3, int index = 4) { width += g; variant += g; "
        + "TParameter += g; parameter += g; p -= (width + variant + TParameter + parameter) * (cpu ? states "
        + ": codecs * device * index); } }")]
    [InlineData(
        "namespace N; public static class Rules { [Requant.OptimizerRule] public static void Cpu(ref "
        + "float p, float g, [Requant.State] ref float device, float Cpu2 = 1) { device += g; p -= device * "
        + "Cpu2; } }")]
    [InlineData(
        "namespace N; public static class Rules { [Requant.OptimizerRule] public static void Device(ref "
        + "float p, float g, [Requant.State] ref float device, float cpu = 1) { device += g; p -= device * "
        + "cpu; } }")]
    [InlineData(
        "namespace N; public class StateFormat; public enum StateCodecs { Declared } public enum "
        + "StateRounding { Other } public static class Rules { [Requant.OptimizerRule] public static void "
        + "Rule(ref float p, float g, [Requant.State(Rounding = Requant.StateRounding.Stochastic)] ref "
        + "float m) { m += g; p -= m; } }")]
    public void Declaration_OfUnusualShape_Compiles(string source) => DiagnosticAssert.Compiles(source);
}
