namespace Requant;

/// <summary>How another library names and stores the states of its optimizers, in files of the
/// safetensors layout.</summary>
/// <remarks>
/// <para>A tensor's name is the parameter's name or its position among the optimizer's, a dot, and the state's name
/// there; <c>state.</c> may come before, as it does where a whole state dictionary was flattened:
/// <c>fc.weight.exp_avg</c>, <c>state.0.exp_avg</c>. <c>step</c> is one number, of any type.</para>
/// <code>
/// optimizer.Import("from_pytorch.safetensors", StateLayout.PyTorch, new LoadOptions { ConvertPrecision = true });
/// optimizer.Export("to_pytorch.safetensors", StateLayout.PyTorch);
/// </code>
/// </remarks>
public sealed record StateLayout
{
    private StateLayout()
    {
    }

    /// <summary>PyTorch's: float32 tensors of the parameter's shape, such as <c>exp_avg</c>, <c>exp_avg_sq</c> and
    /// <c>momentum_buffer</c>; float16, bfloat16 and float64 are read too.</summary>
    public static StateLayout PyTorch { get; } = new();

    /// <summary>That of bitsandbytes: <c>state1</c> and <c>state2</c>, uint8 of the parameter's shape with
    /// <c>absmax1</c>, float32[blocks of 256], and <c>qmap1</c>, float32[256]; or float32 without those. They may be
    /// nested under <c>__bnb_optimizer_quant_state__</c>, and are when written.</summary>
    public static StateLayout BitsAndBytes { get; } = new() { IsBitsAndBytes = true };

    /// <summary>Which tensor a state of the rule is, by the state's name: <c>["m"] = "exp_avg"</c>, in the layout of
    /// bitsandbytes <c>["m"] = "state1"</c>. Tensor states may be among them. Null: the names for the rules that this
    /// library ships.</summary>
    public IReadOnlyDictionary<string, string>? Names { get; init; }

    /// <summary>The step of parameters for which a file has none, as PyTorch's SGD writes none; null: that
    /// is an error.</summary>
    public int? Step { get; init; }

    internal bool IsBitsAndBytes { get; private init; }

    /// <summary>The library's name.</summary>
    public override string ToString() => IsBitsAndBytes ? "bitsandbytes" : "PyTorch";
}
