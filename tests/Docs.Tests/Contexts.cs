namespace Requant.Docs.Tests;

/// <summary>What a code block stands in. The comment before a block says which, as in
/// <c>&lt;!-- context: torch --&gt;</c>; a block without one is a whole file.</summary>
/// <param name="Usings">Before the block's own usings.</param>
/// <param name="Before">What the block sees.</param>
/// <param name="After">What closes it.</param>
internal sealed record Context(string Usings, string Before, string After)
{
    /// <summary>A rule of the reader's, for blocks that use one.</summary>
    private const string OwnRule = """
        public static partial class OwnRules
        {
            [OptimizerRule]
            public static void Lion(
                ref float p, float g, [State] ref float m,
                float lr = 1e-4f, float beta1 = 0.9f, float beta2 = 0.99f, float weightDecay = 0f)
            {
                float update = beta1 * m + (1 - beta1) * g;
                p -= lr * (MathF.Sign(update) + weightDecay * p);
                m = beta2 * m + (1 - beta2) * g;
            }
        }
        """;

    private static readonly Dictionary<string, Context> All = new()
    {
        // Members of a class with rules.
        ["rule"] = new(
            """
            using System.ComponentModel.DataAnnotations;
            using Requant;
            """,
            "namespace Documentation; public static partial class Rules {",
            "}"),

        // The body of a rule like Adafactor's, with its states and values.
        ["rule-body"] = new(
            "using Requant;",
            """
            namespace Documentation;
            public static partial class Rules
            {
                [OptimizerRule]
                public static void Rule(
                    ref float p, float g, [State] ref float m, [State(Codec.MiniFloatUnsigned)] ref float v,
                    [RowState] ref float row, [ColumnState] ref float column, [TensorState] ref float average, int step,
                    float lr = 1e-3f, float beta1 = 0.9f, float beta2 = 0.999f, float eps = 1e-8f,
                    float weightDecay = 0f, bool nesterov = false)
                {
                    float square = g * g + eps, update = g;
            """,
            """
                    m += g; v += g * g + column + row; average += Reduce.Mean(g) + step + beta1;
                    p -= lr * (update + weightDecay * p + (nesterov ? m : v));
                }
            }
            """),

        // Statements of a program without TorchSharp.
        ["runtime"] = Statements(
            """
            using Requant;
            using Requant.Optimizers;
            """,
            """
            private readonly float[] weights = new float[8192], gradients = new float[8192];
            private readonly Optimizer<Adam> adam = new(new Adam());
            private readonly ParameterState w = null!;
            private readonly nint weightsAddress = 0, gradientsAddress = 0, stream = 0;
            """),

        // Statements of a training program with TorchSharp.
        ["torch"] = Statements(
            """
            using Requant;
            using Requant.Torch;
            using TorchSharp;
            using TorchSharp.Modules;
            using static TorchSharp.torch;
            """,
            """
            private readonly Net model = new();
            private readonly Loss<Tensor, Tensor, Tensor> criterion = nn.MSELoss();
            private readonly List<(Tensor Input, Tensor Target)> batches = [];
            private readonly Adam8bit optimizer = null!;

            private sealed class Net : nn.Module<Tensor, Tensor>
            {
                public readonly Linear fc = nn.Linear(4, 4), head = nn.Linear(4, 4);
                public readonly Embedding embedding = nn.Embedding(4, 4);

                public Net() : base("net") => RegisterComponents();

                public override Tensor forward(Tensor input) => head.forward(fc.forward(input));
            }
            """),

        // Statements of a program that runs as several ranks, without TorchSharp.
        ["ranks"] = Statements(
            """
            using Requant;
            using Requant.Distributed;
            using Requant.Optimizers;
            """,
            "private readonly nint w = 0, wGradient = 0, b = 0, bGradient = 0;"),

        // Statements of a program that runs as several ranks, with TorchSharp.
        ["torch-ranks"] = Statements(
            """
            using Requant;
            using Requant.Distributed;
            using Requant.Torch;
            using Adam = Requant.Optimizers.Adam;
            """,
            "private readonly TorchSharp.Modules.Linear model = TorchSharp.torch.nn.Linear(4, 4);"),

        // Members of a test class of the reader's.
        ["test"] = new(
            """
            using Requant;
            using Requant.Testing;
            using Xunit;
            """,
            $$"""
            namespace Documentation;
            {{OwnRule}}
            public sealed class Tests {
            """,
            "}"),

        // Statements of a test of the reader's own rule.
        ["conformance"] = Statements(
            """
            using Requant;
            using Requant.Testing;
            """,
            ""),
    };

    /// <summary>Contexts of the blocks of pages that packages show, in their order: there, a comment would be
    /// text.</summary>
    private static readonly Dictionary<string, string?[]> OfPackages = new()
    {
        ["Distributed/PACKAGE.md"] = ["torch-ranks"],
        ["Optimizers/PACKAGE.md"] = ["runtime"],
        ["Runtime/PACKAGE.md"] = [null, "runtime"],
        ["Testing/PACKAGE.md"] = ["test"],
        ["Torch/PACKAGE.md"] = ["torch"],
    };

    /// <summary>The context of a block: what the comment before it names, or what a package's page has in its
    /// place.</summary>
    /// <param name="block">The block.</param>
    /// <param name="index">Its number among those of C# on its page.</param>
    public static string? NameOf(CodeBlock block, int index) =>
        block.Context ?? OfPackages.GetValueOrDefault(block.Page)?.ElementAtOrDefault(index);

    /// <summary>The context of a name; a whole file for none.</summary>
    public static Context Named(string? name) => name is null
        ? new Context("", "", "")
        : All.TryGetValue(name, out Context? context)
            ? context
            : throw new ArgumentException($"No context is called '{name}'; there are {string.Join(", ", All.Keys)}.");

    /// <summary>Statements of a method, whose locals may have the names of what is there.</summary>
    private static Context Statements(string usings, string members) => new(
        usings,
        $$"""
        namespace Documentation;
        {{OwnRule}}
        internal sealed class Program
        {
            {{members}}
            private async Task Run()
            {
                await Task.Yield();
        """,
        """
            }
        }
        """);
}
