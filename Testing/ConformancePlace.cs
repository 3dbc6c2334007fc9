namespace Requant.Testing;

/// <summary>Where a run is, for the messages of what goes wrong there.</summary>
/// <param name="Rule">The rule with its hyperparameters.</param>
/// <param name="Backend">Name of the backend.</param>
/// <param name="Data">The case.</param>
internal sealed record ConformancePlace(string Rule, string Backend, ConformanceCase Data)
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

    /// <summary>Throws unless the parameters whose gradient is not finite have the bits that the same backend left
    /// there before. They are data, and a NaN among them must stay the NaN it is; one that arithmetic
    /// made may be any.</summary>
    /// <param name="step">The step that <paramref name="after"/> is of.</param>
    /// <param name="before">The step before; null for the first one.</param>
    /// <param name="after">What the step left behind.</param>
    public void RequireKept(int step, Snapshot? before, Snapshot after)
    {
        if (Data.NonFinite == NonFinitePolicy.Propagate)
        {
            return;
        }

        for (int i = 0; i < after.Fields.Count; i++)
        {
            SnapshotField field = after.Fields[i];
            if (field.Name != Snapshot.ParameterName)
            {
                continue;
            }

            ReadOnlySpan<byte> old = before is null ? Data.ParameterBytes(field.Tensor) : before.Fields[i].Bytes.Span;
            int element = ElementBits.FirstChange(field.Kind, old, field.Bytes.Span, Data.Gradient(field.Tensor, step));
            if (element >= 0)
            {
                throw Difference(
                    step, Describe(field), element, field, old, "its gradient is not finite, so that it keeps");
            }
        }
    }

    public RuleConformanceException CannotRun(int step, Exception exception) =>
        new($"{Prefix}; step {step} cannot be run: {exception.Message}", exception)
        {
            Rule = Rule,
            Backend = Backend,
            Case = Data.ToString(),
            Step = step,
        };

    public RuleConformanceException WrongStepCount(int steps) =>
        Failure(steps, $"{steps} steps instead of {Data.Steps}.");

    private int Compare(int step, SnapshotField expected, SnapshotField actual)
    {
        string what = Describe(expected);
        if ((actual.Tensor, actual.Name, actual.Kind, actual.Count)
            != (expected.Tensor, expected.Name, expected.Kind, expected.Count))
        {
            throw Failure(step, $"{what}: {expected.Count} of {expected.Kind} expected, and there are {actual.Count} "
                + $"of {actual.Kind} in " +
                $"'{actual.Name}' of tensor {actual.Tensor}.");
        }

        int element = ElementBits.FirstDifference(expected.Kind, expected.Bytes.Span, actual.Bytes.Span);
        return element < 0 ? expected.Count : throw Difference(
            step, what, element, actual, expected.Bytes.Span, "the scalar kernels give");
    }

    private string Describe(SnapshotField field) => field.Tensor == Snapshot.WholeStep
        ? field.Name
        : $"tensor of {Data.Lengths[field.Tensor]} elements, {field.Name}";

    private RuleConformanceException Difference(
        int step, string what, int element, SnapshotField actual, ReadOnlySpan<byte> expected, string reason)
    {
        string expectedBits = ElementBits.Text(actual.Kind, expected, element);
        string actualBits = ElementBits.Text(actual.Kind, actual.Bytes.Span, element);
        return new RuleConformanceException(
            $"{Prefix}; step {step}, {what}, element {element}: {actualBits}, and {reason} {expectedBits}.")
        {
            Rule = Rule,
            Backend = Backend,
            Case = Data.ToString(),
            Step = step,
            Field = actual.Name,
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
