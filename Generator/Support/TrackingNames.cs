namespace Requant.Generator.Support;

/// <summary>Names of the pipeline's steps, for the incremental tests.</summary>
internal static class TrackingNames
{
    public const string Lowered = nameof(Lowered);
    public const string Rules = nameof(Rules);
    public const string Diagnostics = nameof(Diagnostics);
    public const string Sources = nameof(Sources);
    public const string CompiledRules = nameof(CompiledRules);

    public static readonly string[] All = [Lowered, Rules, Diagnostics, Sources];
}
