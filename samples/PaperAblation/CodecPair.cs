namespace Requant.Samples.PaperAblation;

/// <summary>Codecs of both moments.</summary>
/// <param name="Name">For people.</param>
/// <param name="First">Of the first moment.</param>
/// <param name="Second">Of the second moment.</param>
internal sealed record CodecPair(string Name, StateMap First, StateMap Second)
{
    /// <summary>The paper's.</summary>
    public static CodecPair PrintedDynamic { get; } = new(
        "Dynamic, DynamicUnsigned, as printed", StateMap.AsPrinted(Codec.Dynamic),
        StateMap.AsPrinted(Codec.DynamicUnsigned));

    /// <summary>The paper's, but for second moments that became 0.</summary>
    public static CodecPair DynamicKeepingSecond { get; } = PrintedDynamic with
    {
        Name = "Dynamic as printed, DynamicUnsigned", Second = StateMap.Shipped(Codec.DynamicUnsigned),
    };

    /// <summary>The paper's, repaired.</summary>
    public static CodecPair Dynamic { get; } = new(
        "Dynamic, DynamicUnsigned", StateMap.Shipped(Codec.Dynamic), StateMap.Shipped(Codec.DynamicUnsigned))
    {
        Shipped = StateCodecs.Dynamic,
    };

    /// <summary>Cut from a float's bits.</summary>
    public static CodecPair MiniFloat { get; } = new(
        "MiniFloat, MiniFloatUnsigned", StateMap.Shipped(Codec.MiniFloat), StateMap.Shipped(Codec.MiniFloatUnsigned))
    {
        Shipped = StateCodecs.MiniFloat,
    };

    /// <summary>Those of the paper's ablation.</summary>
    public static CodecPair PrintedLinear { get; } = new(
        "Linear, LinearUnsigned, as printed", StateMap.AsPrinted(Codec.Linear),
        StateMap.AsPrinted(Codec.LinearUnsigned));

    /// <summary>Those of the paper's ablation, repaired.</summary>
    public static CodecPair Linear { get; } = new(
        "Linear, LinearUnsigned", StateMap.Shipped(Codec.Linear), StateMap.Shipped(Codec.LinearUnsigned));

    /// <summary>Pairs of the table of errors: also FlashOptim's, whose repair is all that is shown,
    /// and torchao's.</summary>
    public static IReadOnlyList<CodecPair> All { get; } =
    [
        PrintedDynamic,
        Dynamic,
        MiniFloat,
        PrintedLinear,
        Linear,
        new("SoftSign, SquareRoot", StateMap.Shipped(Codec.SoftSign), StateMap.Shipped(Codec.SquareRoot)),
        new("Float8E4M3, both", StateMap.Shipped(Codec.Float8E4M3), StateMap.Shipped(Codec.Float8E4M3)),
    ];

    /// <summary>The option that makes an optimizer of the runtime use them; null where none does.</summary>
    public StateCodecs? Shipped { get; private init; }
}
