using System.Runtime.CompilerServices;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Requant.Torch;

/// <summary>An embedding for training with 8-bit optimizer states: Xavier uniform weights, a layer norm after the
/// lookup, and optimizer states in float32. Source: arXiv 2110.02861, section 2.3.</summary>
/// <remarks>Input int64[...], output float32[..., embedding_dims]. Add position embeddings to the output, after the
/// layer norm. Every <see cref="TorchOptimizer{TRule}"/> keeps the weight's states in float32 by itself. Tokens'
/// gradients differ by orders of magnitude, so a block's largest value would drown the rare ones.</remarks>
public sealed class StableEmbedding : nn.Module<Tensor, Tensor>
{
    private static readonly ConditionalWeakTable<StableEmbedding, object> Instances = [];

    private readonly Embedding _embedding;
    private readonly LayerNorm _norm;

    /// <summary>Makes the module; its random weights follow <c>torch.manual_seed</c>.</summary>
    /// <param name="num_embeddings">Rows of the table, the vocabulary size.</param>
    /// <param name="embedding_dims">Length of a row.</param>
    /// <param name="padding_idx">A row that stays 0 and takes no gradient.</param>
    /// <param name="max_norm">Rows with a larger norm are scaled down to it when looked up.</param>
    /// <param name="norm_type">The p of that norm.</param>
    /// <param name="scale_grad_by_freq">Divide gradients by how often the row occurs in the batch.</param>
    public StableEmbedding(
        long num_embeddings,
        long embedding_dims,
        long? padding_idx = null,
        double? max_norm = null,
        double norm_type = 2.0,
        bool scale_grad_by_freq = false)
        : base(nameof(StableEmbedding))
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(num_embeddings, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(embedding_dims, 1);
        _embedding = nn.Embedding(num_embeddings, embedding_dims, padding_idx, max_norm, norm_type, scale_grad_by_freq);
        _norm = nn.LayerNorm(embedding_dims);
        using (no_grad())
        {
            nn.init.xavier_uniform_(weight);
            if (padding_idx is long padding)
            {
                using Tensor row = weight[padding];
                row.zero_();
            }
        }

        RegisterComponents();
        Instances.Add(this, this);
    }

    /// <summary>float32[num_embeddings, embedding_dims].</summary>
    public Parameter weight => _embedding.parameters().First();

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using Tensor rows = _embedding.forward(input);
        return _norm.forward(rows);
    }

    /// <summary>Whether a parameter is some living stable embedding's weight. Wrappers differ for one tensor, and
    /// <c>to(...)</c> replaces it, so what counts is the memory that the module has now.</summary>
    internal static bool Owns(Parameter parameter)
    {
        nint address = TensorPointer.Of(parameter);
        foreach ((StableEmbedding module, _) in Instances)
        {
            Parameter? weight = module._embedding.parameters().FirstOrDefault();
            if (weight is { IsInvalid: false } && address != 0 && TensorPointer.Of(weight) == address)
            {
                return true;
            }
        }

        return false;
    }
}
