using System.Globalization;

namespace Requant.Testing;

/// <summary>What <see cref="RuleConformance"/> ran; all of it left the bits of the scalar kernels.</summary>
/// <param name="Rule">Name of the rule.</param>
/// <param name="Backends">Names of the backends that ran.</param>
/// <param name="SettingCount">Settings of the hyperparameters that were run.</param>
/// <param name="RunCount">Cases times backends.</param>
/// <param name="ElementCount">Elements compared: parameters, codes, scales, states and counts,
/// after every step.</param>
/// <param name="VariantsReached">Specialised kernels that the hyperparameters reached.</param>
/// <param name="VariantCount">Specialised kernels that the rule has.</param>
/// <param name="WidthsMissing">Vector widths that this machine lacks, and which were not run therefore.</param>
public sealed record ConformanceReport(
    string Rule,
    IReadOnlyList<string> Backends,
    int SettingCount,
    int RunCount,
    long ElementCount,
    int VariantsReached,
    int VariantCount,
    IReadOnlyList<SimdWidth> WidthsMissing)
{
    /// <summary>The counts in words, and what was not run.</summary>
    public override string ToString()
    {
        string variants = VariantsReached == VariantCount
            ? ""
            : $" {VariantsReached} of {VariantCount} specialised kernels were reached; check other hyperparameters "
                + "for the rest.";
        string missing = WidthsMissing.Count == 0 ? "" : $" Not on this machine: {string.Join(", ", WidthsMissing)}.";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Rule}: the bits of the scalar kernels in {RunCount} runs, {ElementCount:N0} elements compared, on " +
            $"{string.Join("; ", Backends)}.{variants}{missing}");
    }
}
