namespace Requant.Generator.Emit.Shared;

/// <summary>A generated file.</summary>
internal sealed record SourceFile(string HintName, string Text);
