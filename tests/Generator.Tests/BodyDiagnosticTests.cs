using Requant.Generator.Tests.Harness;
using Xunit;

namespace Requant.Generator.Tests;

/// <summary>REQ1xxx and REQ3xxx: constructs of C# that a rule cannot use.</summary>
public sealed class BodyDiagnosticTests
{
    public static TheoryData<string, string, string> Cases { get; } = new()
    {
        // Statements.
        { "REQ1007", "[|for (int i = 0; i < 3; i++) { p += 1; }|]", "" },
        { "REQ1007", "[|while (p > 1) p *= 0.5f;|]", "" },
        { "REQ1007", "[|do { p *= 0.5f; } while (p > 1);|]", "" },
        { "REQ1007", "[|foreach (int i in new[] { 1, 2 }) p += i;|]", "" },
        { "REQ1011", "[|switch (k) { case 1: p = 0; break; }|]", "" },
        { "REQ1014", "if (g > 0) { [|throw new Exception();|] }", "" },
        { "REQ1014", "[|try { p = 0; } finally { p = 1; }|]", "" },
        { "REQ1014", "[|lock (typeof(Rules)) { p = 0; }|]", "" },
        { "REQ1014", "[|using (new System.IO.MemoryStream()) { p = 0; }|]", "" },
        { "REQ1014", "[|using var s = new System.IO.MemoryStream();|]", "" },
        { "REQ1017", "if (g > 0) { [|goto end;|] } p = 1; [|end: p = 2;|]", "" },
        { "REQ1012", "[|static float Twice(float x) => 2 * x;|] p = g;", "" },
        { "REQ1018", "[|(p, m) = (m, p)|];", "" },
        { "REQ1018", "[|var (a, b) = (g, p)|]; p = a + b;", "" },
        { "REQ1001", "ref float [|q = ref p|]; q = 1;", "" },
        { "REQ1001", "ref readonly float [|q = ref p|]; m = q;", "" },
        { "REQ1001", "[|new object()|];", "" },

        // Expressions.
        { "REQ1011", "p = [|k switch { 1 => 2f, _ => 3f }|];", "" },
        { "REQ1016", "p = [|g is > 0f and < 1f|] ? 1 : 2;", "" },
        { "REQ1016", "if ([|g is float|]) p = 1;", "" },
        { "REQ1016", "if ([|g is var x|]) p = x;", "" },
        { "REQ1002", "int n = k; p = [|n++|];", "" },
        { "REQ1002", "int n = k; p = 2 * [|--n|] + g;", "" },
        { "REQ1014", "p = g > 0 ? 1 : [|throw new Exception()|];", "" },
        { "REQ1002", "int n = [|k & 1|]; p = n;", "" },
        { "REQ1002", "int n = [|k << 1|]; p = n;", "" },
        { "REQ1002", "int n = [|~k|]; p = n;", "" },
        { "REQ1002", "int n = k; [|n ^= 3|]; p = n;", "" },
        { "REQ1002", "int n = k; [|n >>= 3|]; p = n;", "" },
        { "REQ1002", "if ([|g > 0 & flag|]) p = 1;", "" },
        { "REQ1002", "if ([|g > 0 | flag|]) p = 1;", "" },
        { "REQ1002", "if ([|g > 0 ^ flag|]) p = 1;", "" },
        { "REQ1002", "bool b = flag; [|b &= g > 0|]; if (b) p = 1;", "" },
        { "REQ1002", "int n = checked([|k + step|]); p = n;", "" },
        { "REQ1002", "checked { int n = k; [|n++|]; p = n; }", "" },
        { "REQ1002", "checked { int n = [|(int)lr|]; p = n; }", "" },
        { "REQ1002", "int n = checked([|-k|]); p = n;", "" },
        { "REQ1015", "p = [|new[] { 1f, 2f }[k]|];", "" },

        // Types.
        { "REQ1020", "double x = [|g|]; p = (float)x;", "" },
        { "REQ1020", "p = (float)([|g|] * 0.1);", "" },
        { "REQ1020", "p = (float)Math.Sqrt([|g|]);", "" },
        { "REQ1020", "p *= (float)Math.Pow([|p|], step);", "" },
        { "REQ1020", "p = (float)Math.Floor([|g|]);", "" },
        { "REQ1020", "double x = [|g > 0 ? lr : 2 * lr|]; p = (float)x;", "" },
        { "REQ1020", "p = Wide([|g|]);", "static float Wide(double x) => (float)x;" },
        { "REQ1004", "p = (float)[|Math.Clamp(lr, 0.0, 1.0)|];", "" },
        { "REQ1004", "p = [|Math.Sign((double)lr)|];", "" },
        { "REQ1003", "p = (float)[|(decimal)lr|];", "" },
        { "REQ1003", "long [|n = k|]; p = [|n|];", "" },
        { "REQ1003", "p = [|(long)k|];", "" },
        { "REQ1003", "uint [|n = 3|]; p = [|n|];", "" },
        { "REQ1003", "string [|s = \"x\"|]; p = g;", "" },
        { "REQ1003", "string [|s = $\"{g}\"|]; p = g;", "" },
        { "REQ1003", "string [|s = nameof(g)|]; p = g;", "" },
        { "REQ1003", "var [|s = typeof(float)|]; p = g;", "" },
        { "REQ1003", "object? [|s = null|]; p = g;", "" },
        { "REQ1003", "object [|o = g|]; p = g;", "" },
        { "REQ1003", "float? [|x = g|]; p = g;", "" },
        { "REQ1015", "float[] x = [|new float[3]|]; p = g;", "" },
        { "REQ1015", "float[] x = [|[1f, 2f]|]; p = g;", "" },
        { "REQ1015", "Span<float> x = [|stackalloc float[3]|]; p = g;", "" },
        { "REQ1018", "var t = [|(g, p)|]; p = g;", "" },
        { "REQ1012", "Func<float, float> f = [|x => x * 2|]; p = g;", "" },
        { "REQ1012", "Func<float, float> f = [|MathF.Abs|]; p = g;", "" },
        { "REQ1012", "Func<float, float> f = [|delegate (float x) { return x; }|]; p = g;", "" },
        { "REQ1003", "char [|c = 'a'|]; p = g;", "" },
        { "REQ1003", "Codec [|c = Codec.Dynamic|]; p = g;", "" },
        { "REQ1003", "dynamic [|d = g|]; p = g;", "" },
        { "REQ1003", "p = MathF.Round(lr, [|MidpointRounding.ToEven|]);", "" },
        { "REQ1003", "Half [|h = (Half)g|]; p = g;", "" },
        { "REQ1003", "nint [|n = k|]; p = [|n|];", "" },

        // Calls.
        { "REQ1004", "p = [|MathF.ScaleB(g, 2)|];", "" },
        { "REQ1004", "p = [|MathF.Round(g, 2)|];", "" },
        { "REQ1004", "p = State.IsFirst([|g|]) ? p : g;", "" },
        { "REQ1004", "p = State.IsFirst([|m + 0|]) ? p : g;", "" },
        { "REQ1004", "p = [|MathF.Cosh(g)|];", "" },
        { "REQ1004", "p = [|float.Abs(g)|];", "" },
        { "REQ1004", "[|Console.WriteLine()|];", "" },
        { "REQ1004", "p = [|BitConverter.Int32BitsToSingle(k)|];", "" },
        { "REQ1004", "p = [|System.Threading.Interlocked.Exchange(ref m, g)|];", "" },
        { "REQ1004", "[|System.Diagnostics.Debug.Assert(g > 0)|];", "" },
        { "REQ1004", "p = [|Identity(g)|];", "static T Identity<T>(T x) => x;" },
        { "REQ1004", "p = [|Native(g)|];",
            "[System.Runtime.InteropServices.DllImport(\"x\")] static extern float Native(float x);" },
        { "REQ1004", "p = [|new Thing().Value(g)|];", "class Thing { public float Value(float x) => x; }" },
        { "REQ1004", "[|Set(out p)|];", "static void Set(out float x) => x = 1;" },
        { "REQ1004", "p = [|Read(in g)|];", "static float Read(in float x) => x;" },
        { "REQ1004", "p = [|Wide(k)|];", "static float Wide(long x) => (float)x;" },
        { "REQ1004", "p = [|Many(g, p)|];", "static float Many(params float[] x) => x[0];" },
        { "REQ1004", "[|Both(ref p, ref p)|];", "static void Both(ref float a, ref float b) { a += 1; b *= 2; }" },
        { "REQ1004", "[|Trace(ref p)|];",
            "[System.Diagnostics.Conditional(\"X\")] static void Trace(ref float a) => a = 1;" },

        // Not per element yet.
        { "REQ1005", "p -= [|MathF.Log(g, 10f)|];", "" },
        { "REQ1005", "p -= [|MathF.Log(lr, p)|];", "" },
        { "REQ1005", "p -= [|g % 2|];", "" },
        { "REQ1005", "p %= 3; m = [|g % lr|] + g; p = 0;", "" },
        { "REQ1005", "int n = [|(int)g|]; p = 2; m = g > 0 ? 1 : n;", "" },
        { "REQ1005", "if ([|MathF.Sign(g)|] == 1) p = 1;", "" },
        { "REQ1005", "p = Log(g);", "static float Log(float x) => [|MathF.Log(x, 2f)|];" },

        // Recursion.
        { "REQ1006", "p = F(g);", "static float F(float x) => [|F(x)|];" },
        { "REQ1006", "p = F(g);",
            "static float F(float x) => G(x) + 1; static float G(float x) => x > 1 ? [|F(x)|] : 1;" },
        { "REQ1006", "[|Rule(ref p, g, ref m, step)|];", "" },

        // Waiting.
        { "REQ1013", "[|Report(g)|]; p -= g;",
            "static async void Report(float x) { await System.Threading.Tasks.Task.Yield(); Console.WriteLine(x); }" },

        // Fields and properties.
        { "REQ1008", "p -= [|Rate|];", "static float Rate = 1;" },
        { "REQ1008", "p -= [|Rate|];", "static readonly float Rate = 1;" },
        { "REQ1008", "p -= [|Rate|];", "static float Rate => 1;" },
        { "REQ1008", "p -= [|Environment.TickCount|];", "" },
        { "REQ1008", "p -= [|\"x\".Length|];", "" },
        { "REQ1015", "p -= [|new System.Collections.Generic.List<float>()[0]|];", "" },

        // Assignments.
        { "REQ1009", "[|lr|] = 1;", "" },
        { "REQ1009", "[|lr|] *= 0.5f; p -= lr;", "" },
        { "REQ1009", "[|step|]++; p -= step;", "" },
        { "REQ1009", "p = ([|k|] = 3) + g;", "" },
        { "REQ1009", "[|Rate|] = g;", "static float Rate;" },
        { "REQ1009", "[|Rate|] += g;", "static float Rate { get; set; }" },
        { "REQ1009", "[|_|] = g;", "" },
        { "REQ1009", "Change(ref [|lr|]);", "static void Change(ref float x) => x = 1;" },
        { "REQ1009", "[|Self(ref m)|] = g;", "static ref float Self(ref float x) => ref x;" },
        { "REQ1009", "([|g > 0 ? ref m : ref p|]) = 1;", "" },

        // Reductions.
        { "REQ3001", "if (g > 0) { p -= [|Reduce.Norm(p)|]; }", "" },
        { "REQ3001", "p -= g > 0 ? [|Reduce.Sum(g)|] : 0;", "" },
        { "REQ3001", "if (g > 0 && [|Reduce.Norm(p)|] > 1) p = 0;", "" },
        { "REQ3001", "if (g > 0 || [|Reduce.Norm(p)|] > 1) p = 0;", "" },
        { "REQ3001", "if (g > 0) { p = F(g); }", "static float F(float x) => [|Reduce.Norm(x)|];" },
        { "REQ3001", "if (g > 0) { return; } p -= [|Reduce.Norm(p)|];", "" },
        { "REQ3001", "p -= g > 0 ? [|Reduce.Max(p)|] : 0;", "" },
        { "REQ3001", "if (g > 0) { p -= [|Reduce.RowSum(p)|]; }", "" },
        { "REQ3001", "if (Reduce.ColumnMax(g) > 0) { p -= [|Reduce.RowSum(p)|]; }", "" },
        { "REQ3001", "if (Reduce.RowMax(g) > 0) { p -= [|Reduce.Sum(p)|]; }", "" },
        { "REQ3001", "if (Reduce.RowMax(g) > 0) { p -= [|Matrix.Orthogonalize(p)|]; }", "" },
        { "REQ3001", "p = g > 0 ? [|Matrix.Orthogonalize(p)|] : p;", "" },
        { "REQ3002", "p -= Matrix.Orthogonalize(p, [|(int)g|]);", "" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Body_OutsideTheSubset_IsReportedThere(string id, string body, string members) =>
        DiagnosticAssert.Reported(id, MarkedSource.Rule(body, members));

    [Fact]
    public void Body_WithSeveralMistakes_ReportsEach() => DiagnosticAssert.Reported(
        "REQ1014", MarkedSource.Rule("[|try { p = 0; } finally { }|] p -= g; if (flag) { [|throw new Exception();|] } "
            + "[|lock (typeof(Rules)) { }|]"));

    [Fact]
    public void Helper_CalledTwice_IsReportedOnce() => DiagnosticAssert.Reported(
        "REQ1008",
        MarkedSource.Rule("p = F(g) + F(p);", "static float Rate = 1; static float F(float x) => x * [|Rate|];"));

    [Theory]
    [InlineData("unsafe { p = 0; }", "")]
    [InlineData("p = undefined;", "")]
    [InlineData("p = 1.0;", "")]
    [InlineData("float x; p = x;", "")]
    [InlineData("p = F(g);", "static float F(float x) => undefined;")]
    [InlineData("p = F(g);", "static float F(float x) { }")]
    [InlineData("await System.Threading.Tasks.Task.Delay(1);", "")]
    [InlineData("yield return 1;", "")]
    [InlineData("p = ;", "")]
    [InlineData("int n = int.MaxValue + 1; p = n;", "")]
    [InlineData("return 1;", "")]
    public void Body_ThatCSharpRejects_IsLeftToTheCompiler(string body, string members) =>
        DiagnosticAssert.LeftToCompiler(MarkedSource.Rule(body, members));

    [Theory]
    [InlineData("public static class Rules { [Requant.OptimizerRule] public static void Rule(ref float p, float g, "
        + "Missing x) { } }")]
    [InlineData("public static class Rules { [Requant.OptimizerRule] public static void Rule(ref float p, float g, "
        + "float lr = \"x\") { } }")]
    [InlineData("public static class Rules { [Requant.OptimizerRule] public static void Rule(ref float p, float g, "
        + "[Requant.State(3)] ref float m) { } }")]
    [InlineData("public static class Rules { [Requant.OptimizerRule] public static void Rule(ref float p, float g); }")]
    [InlineData("public static class Rules { [Requant.OptimizerRule] public void Rule(ref float p, float g) { } }")]
    [InlineData("public static class Rules { [Requant.OptimizerRule] public static async void Rule(ref float p, "
        + "float g) { } }")]
    [InlineData("public static class Rules { [Requant.OptimizerRule(Nome = \"x\")] public static void Rule(ref float "
        + "p, float g) { } }")]
    public void Declaration_ThatCSharpRejects_IsLeftToTheCompiler(string source) =>
        DiagnosticAssert.LeftToCompiler(source);

    [Theory]
    [InlineData("p = sizeof(float) + (int)Codec.Linear + MathF.PI + float.Epsilon + default(float);", "")]
    [InlineData("p -= g == g ? same(g, g) ? 1 : 2 : 3;", "static bool same(float a, float b) => a == b;")]
    [InlineData("bool no = false; if (!(no && g > 0) || !no) p = 1; p -= !(flag && no) ? g : 0;", "")]
    [InlineData("p = p;", "")]
    [InlineData("m = m; p = m; m = p;", "")]
    [InlineData("p = p == p ? lr == lr ? 1 : 2 : flag == flag ? 3 : 4;", "")]
    [InlineData(";", "")]
    [InlineData("int big = 2147483647; int y = big + 1; int z = big * big - -2147483648; p -= y + z;", "")]
    [InlineData("float big = 1e20f; int n = (int)big; p -= n;", "")]
    [InlineData("unchecked { int n = k * 3; p = n; }", "")]
    [InlineData("p = unchecked(k + step) * 2f;", "")]
    [InlineData("{ { float x = g; p = x; } } { float x = p; m = x; }", "")]
    [InlineData("float x, y = 1; x = y; p -= x;", "")]
    [InlineData("float value = g; float field = value; float global = field; float var = global; float dynamic = var; "
        + "p -= dynamic;", "")]
    [InlineData("const int n = 3; const bool b = n > 2; p = b ? n : g;", "")]
    [InlineData("p = Nested.Rate * Nested.Twice(g);", "static class Nested { public const float Rate = 2; "
        + "public static float Twice(float x) { x *= 2; return x; } }")]
    [InlineData("p -= g > 0 ? 1 : -1; int s = g > 0 ? MathF.Sign(p) : 0; p += s * lr;", "")]
    [InlineData("float _ = g; p -= _;", "")]
    [InlineData("p -= (float)k / step + k % 4 * (k / 3);", "")]
    [InlineData("bool b = MathF.Sign(lr) == 1; int n = Math.Sign(lr) * 2; p -= b ? n : g;", "")]
    [InlineData("p = Reduce.Norm(lr) + Reduce.Sum(1f) + (flag && Reduce.Norm(g) > 1 ? Reduce.Sum(p) : 0);", "")]
    [InlineData(
        "m = Reduce.Norm(g); float norm = Reduce.Norm(m * p); if (norm > 1) p = norm; else p = Reduce.Norm(norm * g);",
        "")]
    [InlineData(
        "p -= k / step + step % k; int zero = 0; p -= k / zero; int n = -1; p -= step / n + k % zero; "
        + "k2(ref n); p -= n;",
        "static void k2(ref int n) { n /= 2; n %= n; }")]
    [InlineData("p = flag ? 0f : -0f;", "")]
    [InlineData("p = MathF.Max(0, g) + MathF.Min(y: 1f, x: g);", "")]
    [InlineData(
        "p = MathF.Pow(y: g, x: 2) + Math.Clamp(max: g, value: p, min: 0) + MathF.Exp(k) + MathF.Round(MathF.Log(g));",
        "")]
    [InlineData("int n = Math.Clamp(step, 1, k) + Math.Abs(k); p = n * MathF.Tanh(Reduce.Norm(MathF.Sin(g)));", "")]
    public void Body_OfTheSubset_Compiles(string body, string members)
    {
        // Odd but right; the compiler's warnings about the rule itself are not of interest.
        GeneratorRun run = GeneratorRun.Of("#pragma warning disable\n" + MarkedSource.Rule(body, members));
        run.AssertClean();
    }

    [Fact]
    public void Arithmetic_InCheckedProject_CompilesWithoutOverflow() => GeneratorRun.Of(
        MarkedSource.Rule("unchecked { int n = int.MaxValue; n += k; p -= n; }"), checkOverflow: true).AssertClean();
}
