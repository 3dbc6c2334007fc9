using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Requant.CompilerServices;
using Requant.Numerics;

namespace Requant.Devices;

/// <summary>What the text of a kernel depends on.</summary>
/// <param name="Rule">Name of the rule, for readers, or of what belongs to none.</param>
/// <param name="Hash"><see cref="RuleInfo.Hash"/>; empty where there is no rule.</param>
/// <param name="Variant">From <see cref="IOptimizerRule{TSelf}.SelectVariant"/>.</param>
/// <param name="Phase">From 0 to <see cref="RuleInfo.PhaseCount"/> - 1.</param>
/// <param name="Kind">Which of a phase's kernels it is: the update, or what becomes known after the phase.</param>
/// <param name="States">How states are stored.</param>
/// <param name="ParameterType">What the parameter's elements are.</param>
/// <param name="GradientType">What the gradient's elements are.</param>
/// <param name="Gradients">What the kernel does to gradients.</param>
/// <param name="Storage">How the kernel stores parameters of bfloat16.</param>
/// <param name="Architecture">One of <see cref="PtxCompiler.Architectures"/>.</param>
/// <param name="Compilers">The versions of Requant and ILGPU, and the builds of Requant's runtime and of the assembly
/// that has the rule: the latter because a hash of the rule says nothing of the generator that wrote
/// its kernels.</param>
internal sealed record PtxCacheKey(
    string Rule,
    string Hash,
    int Variant,
    int Phase,
    PtxKernelKind Kind,
    StateFormat States,
    ElementType ParameterType,
    ElementType GradientType,
    GradientTreatment Gradients,
    ParameterStorage Storage,
    string Architecture,
    string Compilers)
{
    /// <summary>The key of a rule's kernel.</summary>
    public static PtxCacheKey For<TRule>(
        int variant, int phase, StateFormat states, ElementType parameterType, ElementType gradientType,
        string architecture)
        where TRule : IOptimizerRule<TRule> =>
        For<TRule>(new LaunchKey(variant, states, parameterType, gradientType), phase, architecture);

    /// <summary>The key of the kernel of a launch in a phase.</summary>
    public static PtxCacheKey For<TRule>(
        in LaunchKey launch, int phase, string architecture, StateLevel into = StateLevel.Tensor)
        where TRule : IOptimizerRule<TRule>
    {
        RuleInfo info = RuleInfo.Of<TRule>();
        return new PtxCacheKey(
            info.Name, info.Hash, launch.Variant, phase, KindOf(into), launch.States,
            launch.ParameterType, launch.GradientType, launch.Gradients, launch.Storage, architecture,
            DescribeCompilers(typeof(TRule).Assembly));
    }

    /// <summary>The key of what computes a rule's values that become known after a phase.</summary>
    public static PtxCacheKey ForFinish<TRule>(int phase, string architecture)
        where TRule : IOptimizerRule<TRule> =>
        For<TRule>(0, phase, StateFormat.Float32, ElementType.Float32, ElementType.Float32, architecture) with
        {
            Kind = PtxKernelKind.Finish,
        };

    /// <summary>The key of what computes values of rows or columns before a phase.</summary>
    public static PtxCacheKey ForLines<TRule>(int variant, int phase, StateLevel level, string architecture)
        where TRule : IOptimizerRule<TRule> =>
        For<TRule>(variant, phase, StateFormat.Float32, ElementType.Float32, ElementType.Float32, architecture) with
        {
            Kind = level == StateLevel.Row ? PtxKernelKind.RowValues : PtxKernelKind.ColumnValues,
        };

    /// <summary>The key of a kernel that serves any rule.</summary>
    public static PtxCacheKey ForOwn(DeviceOwnKernel kernel, string architecture) =>
        ForSquares(ElementType.Float32, architecture) with
        {
            Rule = kernel.ToString(),
            Kind = PtxKernelKind.Own,
        };

    /// <summary>The key of what measures gradients of a type.</summary>
    public static PtxCacheKey ForSquares(ElementType gradientType, string architecture) => new(
        nameof(DeviceGradientSquares), "", 0, 0, PtxKernelKind.Squares, StateFormat.Float32, ElementType.Float32,
        gradientType, GradientTreatment.Scaled,
        ParameterStorage.Nearest, architecture, DescribeCompilers(typeof(PtxCacheKey).Assembly));

    /// <summary>The key of what adds up such measures.</summary>
    public static PtxCacheKey ForSquaresFinish(string architecture) =>
        ForSquares(ElementType.Float32, architecture) with { Kind = PtxKernelKind.SquaresFinish };

    /// <summary>The key of what adds up chunks of such measures, or of a rule's partial results.</summary>
    public static PtxCacheKey ForFold(bool isOfSquares, string architecture) =>
        ForSquares(ElementType.Float32, architecture) with
        {
            Rule = nameof(DevicePartialSums),
            Kind = isOfSquares ? PtxKernelKind.SquaresFinish : PtxKernelKind.Finish,
        };

    /// <summary>Name of the file: a hash of all, which is a name everywhere.</summary>
    public string FileName => $"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ToString())))}.ptx";

    /// <summary>All in one line.</summary>
    public override string ToString() =>
        $"{Rule} {Hash} variant {Variant} phase {Phase} {Kind} {States.Codecs} "
        + $"{(States.Rounding is StateRounding states ? $"{states} " : "")}{ParameterType} {GradientType} "
        + (Gradients == GradientTreatment.None ? "" : $"{Gradients} ")
        + (Storage == ParameterStorage.Nearest ? "" : $"{Storage} ")
        + $"{Architecture} {Compilers}";

    private static PtxKernelKind KindOf(StateLevel into) => into switch
    {
        StateLevel.Row => PtxKernelKind.RowSums,
        StateLevel.Column => PtxKernelKind.ColumnSums,
        _ => PtxKernelKind.Update,
    };

    private static string DescribeCompilers(Assembly rules)
    {
        Assembly runtime = typeof(PtxCacheKey).Assembly;
        Assembly ilgpu = typeof(ILGPU.Context).Assembly;
        return $"Requant {runtime.GetName().Version} ILGPU {ilgpu.GetName().Version} "
            + $"{runtime.ManifestModule.ModuleVersionId:N} {rules.ManifestModule.ModuleVersionId:N}";
    }
}

/// <summary>The kernels of a phase.</summary>
internal enum PtxKernelKind
{
    /// <summary>It updates elements, or reduces them.</summary>
    Update,

    /// <summary>It computes what becomes known after the phase.</summary>
    Finish,

    /// <summary>It measures gradients, whatever the rule.</summary>
    Squares,

    /// <summary>It adds up what was measured.</summary>
    SquaresFinish,

    /// <summary>It takes sums of rows.</summary>
    RowSums,

    /// <summary>It takes sums of columns.</summary>
    ColumnSums,

    /// <summary>It computes values of rows.</summary>
    RowValues,

    /// <summary>It computes values of columns.</summary>
    ColumnValues,

    /// <summary>It serves any rule.</summary>
    Own,
}
