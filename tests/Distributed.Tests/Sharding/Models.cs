namespace Requant.Distributed.Tests.Sharding;

/// <summary>Shapes of models.</summary>
internal static class Models
{
    /// <summary>GPT-2 with 124 million parameters.</summary>
    public static IReadOnlyList<long[]> Gpt2 { get; } = Of(
        layers: 12, outer: [[50257, 768], [1024, 768], [768], [768]],
        layer: [[768], [768], [2304, 768], [2304], [768, 768], [768], [768], [768], [3072, 768], [3072], [768, 3072],
            [768]]);

    /// <summary>Llama with 7 billion.</summary>
    public static IReadOnlyList<long[]> Llama7B { get; } = Of(
        layers: 32, outer: [[32000, 4096], [4096], [32000, 4096]],
        layer: [[4096, 4096], [4096, 4096], [4096, 4096], [4096, 4096], [11008, 4096], [11008, 4096], [4096, 11008],
            [4096], [4096]]);

    public static long Length(long[] shape) => shape.Aggregate(1L, (product, dimension) => product * dimension);

    private static long[][] Of(int layers, long[][] outer, long[][] layer) =>
        [.. outer, .. Enumerable.Repeat(layer, layers).SelectMany(one => one)];
}
