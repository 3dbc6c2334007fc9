using System.Text.Json.Serialization;

namespace Requant.Torch;

/// <summary>How a report is JSON, without reflection.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true,
    NewLine = "\n",
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(OptimizerReport))]
internal sealed partial class ReportJson : JsonSerializerContext;
