// Prints one line for each rule and format of states: a hash of all that its steps leave behind. Lines of two machines
// are equal where their bits are. Each vector width of a machine must give the bits of its scalar code.
using System.Runtime.InteropServices;
using Requant;
using Requant.Bits;
using Requant.CompilerServices;
using Requant.Conformance;
using Requant.Tests;

SimdWidth[] widths = [.. SimdWidths.Supported.Where(width => width != SimdWidth.Scalar)];
Console.Error.WriteLine($"{RuntimeInformation.ProcessArchitecture}: {string.Join(", ", widths)}");
IEnumerable<(string Name, Action<IRuleCheck> With)> rules =
[
    .. CaseTable.Rules.Concat(RuleTable.MatrixNames)
        .Select(name => (name, (Action<IRuleCheck>)(check => CaseTable.With(name, check)))),
    ("EveryLine", RuleTable.Case(new EveryLine())),
    ("EveryLine, shallow", RuleTable.Case(new EveryLine { Deep = false })),
    ("HandedOn", RuleTable.Case(new HandedOn())),
    ("TwoMatrices", RuleTable.Case(new TwoMatrices())),
];
foreach ((string name, Action<IRuleCheck> with) in rules)
{
    foreach (StateFormat format in Formats(name))
    {
        var check = new HashCheck(widths, format);
        with(check);
        string rounding = format.Rounding is { } given ? $", {given}" : "";
        Console.WriteLine($"{name}{rounding}: {check.Hash:x16}");
    }
}

// A rule for one codec meets both roundings; others have the states they declare.
static IEnumerable<StateFormat> Formats(string rule) =>
    rule.EndsWith("Moment", StringComparison.Ordinal) || rule.EndsWith("Variance", StringComparison.Ordinal)
        ?
        [
            new StateFormat(StateCodecs.Declared, StateRounding.Nearest),
            new StateFormat(StateCodecs.Declared, StateRounding.Stochastic),
        ]
        : [StateFormat.Declared];
