namespace Requant.Testing;

/// <summary>Where a run is, for the messages of what goes wrong there.</summary>
/// <param name="Rule">The rule with its hyperparameters.</param>
/// <param name="Precision">What the rule promises.</param>
/// <param name="Backend">Name of the backend.</param>
/// <param name="Data">The case.</param>
internal sealed record ConformancePlace(string Rule, Precision Precision, string Backend, ConformanceCase Data)
{
    private string Prefix => $"{Rule} on {Backend}; {Data}";

    /// <summary>Compares what a step left behind with what the scalar kernels did.</summary>
    /// <returns>Elements compared.</returns>
    public long Compare(int step, Snapshot expected, Snapshot actual)
    {
        if (expected.Fields.Count != actual.Fields.Count)
        {
            throw Failure(step, $"{actual.Fields.Count} arrays instead of {expected.Fields.Count}.");
        }

        long elements = 0;
        for (int i = 0; i < expected.Fields.Count; i++)
        {
            elements += Compare(step, expected.Fields[i], actual.Fields[i]);
        }

        return elements;
    }

    public RuleConformanceException CannotRun(int step, Exception exception) =>
        new($"{Prefix}; step {step} cannot be run: {exception.Message}", exception)
        {
            Rule = Rule,
            Backend = Backend,
            Case = Data.ToString(),
            Step = step,
        };

    public RuleConformanceException WrongStepCount(int steps) => Failure(steps, $"{steps} steps instead of {Data.Steps}.");

    private int Compare(int step, SnapshotField expected, SnapshotField actual)
    {
        string what = $"tensor of {Data.Lengths[expected.Tensor]} elements, {expected.Name}";
        if ((actual.Tensor, actual.Name, actual.Kind, actual.Count) != (expected.Tensor, expected.Name, expected.Kind, expected.Count))
        {
            throw Failure(step, $"{what}: {expected.Count} of {expected.Kind} expected, and there are {actual.Count} of {actual.Kind} in " +
                $"'{actual.Name}' of tensor {actual.Tensor}.");
        }

        int element = ElementBits.FirstDifference(expected.Kind, expected.Bytes.Span, actual.Bytes.Span);
        return element < 0 ? expected.Count : throw Difference(step, what, element, expected, actual);
    }

    private RuleConformanceException Difference(int step, string what, int element, SnapshotField expected, SnapshotField actual)
    {
        string expectedBits = ElementBits.Text(expected.Kind, expected.Bytes.Span, element);
        string actualBits = ElementBits.Text(actual.Kind, actual.Bytes.Span, element);
        string excuse = Precision == Precision.Fast ? " The rule is Precision.Fast, which does not promise equal bits." : "";
        return new RuleConformanceException(
            $"{Prefix}; step {step}, {what}, element {element}: {actualBits}, and the scalar kernels give {expectedBits}.{excuse}")
        {
            Rule = Rule,
            Backend = Backend,
            Case = Data.ToString(),
            Step = step,
            Field = expected.Name,
            Element = element,
            Expected = expectedBits,
            Actual = actualBits,
        };
    }

    private RuleConformanceException Failure(int step, string what) => new($"{Prefix}; step {step}: {what}")
    {
        Rule = Rule,
        Backend = Backend,
        Case = Data.ToString(),
        Step = step,
    };
}
