namespace Requant.Cli.Doctor;

/// <summary>What a finding means for the user.</summary>
internal enum Health
{
    /// <summary>Works.</summary>
    Good,

    /// <summary>Absent, and Requant runs without it.</summary>
    Missing,

    /// <summary>Requant does not run.</summary>
    Broken,
}

/// <summary>One thing that was examined.</summary>
/// <param name="Health">What it means.</param>
/// <param name="Subject">What was examined.</param>
/// <param name="Value">What was found.</param>
/// <param name="Remedy">How to get what is missing, or null.</param>
internal sealed record Finding(Health Health, string Subject, string Value, string? Remedy = null);
