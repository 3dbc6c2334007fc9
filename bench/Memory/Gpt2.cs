namespace Requant.Bench.Memory;

/// <summary>The parameters of GPT-2 small, 124 million.</summary>
internal static class Gpt2
{
    private const int Layers = 12;
    private const long Width = 768;
    private const long Vocabulary = 50257;
    private const long Context = 1024;

    /// <summary>Names and shapes; the head shares the embedding's.</summary>
    public static IReadOnlyList<(string Name, long[] Shape)> Parameters { get; } =
    [
        ("wte.weight", [Vocabulary, Width]),
        ("wpe.weight", [Context, Width]),
        .. Enumerable.Range(0, Layers).SelectMany(Layer),
        ("ln_f.weight", [Width]),
        ("ln_f.bias", [Width]),
    ];

    private static IEnumerable<(string Name, long[] Shape)> Layer(int number) => new (string Name, long[] Shape)[]
    {
        ("ln_1.weight", [Width]),
        ("ln_1.bias", [Width]),
        ("attn.c_attn.weight", [Width, 3 * Width]),
        ("attn.c_attn.bias", [3 * Width]),
        ("attn.c_proj.weight", [Width, Width]),
        ("attn.c_proj.bias", [Width]),
        ("ln_2.weight", [Width]),
        ("ln_2.bias", [Width]),
        ("mlp.c_fc.weight", [Width, 4 * Width]),
        ("mlp.c_fc.bias", [4 * Width]),
        ("mlp.c_proj.weight", [4 * Width, Width]),
        ("mlp.c_proj.bias", [Width]),
    }.Select(one => ($"h.{number}.{one.Name}", one.Shape));
}
