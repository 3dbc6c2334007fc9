using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Requant.CompilerServices;

namespace Requant.Devices.Ptx;

/// <summary>Writes ILGPU's PTX again, so that it is exact, and without work that nothing needs; see
/// <c>docs/adr/0009-what-is-rewritten-in-ptx.md</c>.</summary>
internal static partial class PtxRewriter
{
    /// <summary>Rewrites a module.</summary>
    /// <param name="text">As ILGPU writes it, with one kernel.</param>
    /// <param name="architecture">For a <see cref="DeviceKernel"/> whose memory begins at address 0 and which is
    /// launched in groups of <see cref="PtxCompiler.GroupSize"/>, one of <see cref="PtxCompiler.Architectures"/>; null
    /// for any other kernel.</param>
    /// <param name="isFused">Whether each float addition is one of a product, and both are to be one
    /// instruction.</param>
    /// <exception cref="InvalidOperationException">One is not.</exception>
    public static string Rewrite(string text, string? architecture = null, bool isFused = false)
    {
        text = Exact(text);
        return PtxBody.Parse(text) is { } body ? Rewrite(body, architecture, isFused).ToString()
            : !isFused ? text
            : throw new InvalidOperationException(
                "ILGPU's text has something that is not understood, so that multiplications and additions stay apart.");
    }

    /// <summary>The same with the lines that each line of the text comes from; none where it is not
    /// understood.</summary>
    public static (string Text, ImmutableSortedSet<int>[] Origins) Rewrite(
        string text, ReadOnlySpan<int> origins, string? architecture, bool isFused)
    {
        text = Exact(text);
        if (PtxBody.Parse(text, origins) is not { } body)
        {
            return (Rewrite(text, architecture, isFused), []);
        }

        body = Rewrite(body, architecture, isFused);
        PtxOrigins.Spread(body);
        return (body.ToString(), body.Origins);
    }

    private static string Exact(string text) =>
        UnroundedArithmetic().Replace(UniformBranch().Replace(text, "$1"), "$1.rn.f32");

    private static PtxBody Rewrite(PtxBody body, string? architecture, bool isFused)
    {
        body = PtxBranches.Rewrite(body);
        if (isFused)
        {
            PtxProducts.Fuse(body);
        }

        Simplify(body);
        if (architecture is not null)
        {
            PtxMemoryBase.Remove(body);
            PtxInvariants.Rewrite(body);
        }

        PtxDuplicates.Rewrite(body);
        if (architecture is not null)
        {
            PtxWideIndices.Rewrite(body);
        }

        PtxIndices.RewriteProducts(body);
        RemoveDead(body);
        PtxLiveness.RemoveUnused(body);
        PtxNarrowing.Rewrite(body);
        PtxBytes.Rewrite(body);
        PtxMagnitudes.Rewrite(body);
        RemoveDead(body);
        PtxFusion.FuseAddresses(body);
        PtxFusion.FuseWords(body);
        PtxIndices.RewriteOffsets(body);
        RemoveDead(body);
        PtxWarpMaxima.Rewrite(body);
        if (architecture is not null && PtxBranchlessMath.IsCheckedOn(architecture))
        {
            PtxBranchlessMath.Rewrite(body);
        }

        return body;
    }

    private static void RemoveDead(PtxBody body)
    {
        while (PtxLiveness.RemoveDead(body))
        {
        }
    }

    /// <summary>ILGPU multiplies an index of bytes by the size of a byte, and nothing is less than an unsigned
    /// 0.</summary>
    private static void Simplify(PtxBody body)
    {
        foreach (PtxLine line in body.Blocks.SelectMany(block => block.Lines))
        {
            if (line.Opcode is "mad.lo.u64" or "mad.lo.s64" && line.Operands[2] == "1")
            {
                line.Opcode = "add.u64";
                line.Operands = [line.Operands[0], line.Operands[1], line.Operands[3]];
            }
            else if (line.Opcode == "max.u32" && line.Operands[2] == "0")
            {
                line.Opcode = "mov.b32";
                line.Operands = line.Operands[..2];
            }
        }
    }

    /// <summary>ILGPU marks a branch uniform when its condition is made of uniform values, also where lanes took
    /// different ways to one of them. The mark is a promise that assemblers may rely on, and shuffles behind a branch
    /// that breaks it need not meet; without the mark the branch means the same.</summary>
    /// <remarks>This and rounding must not be missed in any text, so they do not wait for one that
    /// is understood.</remarks>
    [GeneratedRegex(@"(@!?%p\d+\s+bra|\bbrx\.idx)\.uni\b")]
    private static partial Regex UniformBranch();

    /// <summary>What assemblers may fuse as they like, in one place and not in another.</summary>
    [GeneratedRegex(@"\b(add|sub|mul)\.f32\b")]
    private static partial Regex UnroundedArithmetic();
}
