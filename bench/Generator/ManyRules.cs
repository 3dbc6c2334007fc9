using System.Globalization;

namespace Requant.Bench.Generator;

/// <summary>Sources of a project with many rules: one file each, no two of one body.</summary>
internal static class ManyRules
{
    public const string UnrelatedPath = "Unrelated.cs";

    /// <summary>Rules in turn like Adam with flags, like Lion, and like LAMB with a reduction and a helper.</summary>
    public static IEnumerable<(string Path, string Text)> Files(int count) =>
        Enumerable.Range(0, count).Select(index => ($"Rule{index}.cs", File(index)));

    /// <summary>A file without rules after some keystrokes in a method's body.</summary>
    public static string Unrelated(int keystrokes) =>
        $"namespace Bench;\n\npublic static class Unrelated\n{{\n    public static int Twice(int value)\n    {{\n" +
        $"        int x{new string('y', keystrokes)} = value;\n        return 2 * x{new string('y', keystrokes)};\n"
        + "    }\n}\n";

    private static string File(int index)
    {
        string number = index.ToString(CultureInfo.InvariantCulture);
        string constant = (0.5f + (index / 64f)).ToString(CultureInfo.InvariantCulture) + "f";
        return "using System;\nusing Requant;\n\nnamespace Bench;\n\npublic static class Rules" + number + "\n{\n"
            + Rule(index % 3, number, constant) + "}\n";
    }

    private static string Rule(int kind, string number, string constant) => kind switch
    {
        0 => $$"""
                [OptimizerRule]
                public static void Rule{{number}}(
                    ref float p, float g, [State] ref float m, [State(Codec.DynamicUnsigned)] ref float v, int step,
                    float lr = 1e-3f, float beta1 = 0.9f, float beta2 = 0.999f, float eps = 1e-8f, float weightDecay = 0f, bool decoupled = false)
                {
                    float gradient = decoupled ? g : g + weightDecay * p;
                    m = beta1 * m + (1 - beta1) * gradient;
                    v = beta2 * v + {{constant}} * (1 - beta2) * gradient * gradient;
                    float stepSize = lr / (1 - MathF.Pow(beta1, step));
                    float root = MathF.Sqrt(v / (1 - MathF.Pow(beta2, step))) + eps;
                    p -= decoupled ? stepSize * m / root + lr * weightDecay * p : stepSize * m / root;
                }

            """,
        1 => $$"""
                [OptimizerRule]
                public static void Rule{{number}}(
                    ref float p, float g, [State] ref float m, float lr = 1e-4f, float beta1 = 0.9f, float beta2 = 0.99f, float weightDecay = 0f)
                {
                    float update = beta1 * m + (1 - beta1) * g;
                    p -= {{constant}} * lr * (MathF.Sign(update) + weightDecay * p);
                    m = beta2 * m + (1 - beta2) * g;
                }

            """,
        _ => $$"""
                [OptimizerRule]
                public static void Rule{{number}}(
                    ref float p, float g, [State] ref float m, [State(Codec.DynamicUnsigned)] ref float v, int step,
                    float lr = 1e-3f, float beta1 = 0.9f, float beta2 = 0.999f, float eps = 1e-6f, float weightDecay = 0.01f)
                {
                    m = Mix(m, g, beta1);
                    v = Mix(v, g * g, beta2);
                    float update = m / (MathF.Sqrt(v) + eps) + weightDecay * p;
                    float trust = Reduce.Norm(p) / (Reduce.Norm(update) + {{constant}});
                    p -= lr * trust * update / (1 - MathF.Pow(beta1, step));
                }

                private static float Mix(float old, float value, float beta) => beta * old + (1 - beta) * value;

            """,
    };
}
