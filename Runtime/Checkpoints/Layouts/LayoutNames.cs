namespace Requant.Checkpoints.Layouts;

/// <summary>What other libraries call the states of the shipped rules.</summary>
/// <param name="States">Their names by ours.</param>
/// <param name="Without">Hyperparameters that must be 0: with others, the states do not mean the same.</param>
internal sealed record LayoutNames(IReadOnlyDictionary<string, string> States, params string[] Without)
{
    private static readonly LayoutNames Moments = new(new Dictionary<string, string>
    {
        ["m"] = "exp_avg", ["v"] = "exp_avg_sq", ["vMax"] = "max_exp_avg_sq",
    });

    private static readonly LayoutNames TwoStates = new(
        new Dictionary<string, string> { ["m"] = "state1", ["v"] = "state2" }, "amsgrad");

    private static readonly LayoutNames OneState = new(new Dictionary<string, string> { ["m"] = "state1" });

    private static readonly Dictionary<string, LayoutNames> PyTorch = new(StringComparer.Ordinal)
    {
        ["Adam"] = Moments,
        ["AdamW"] = Moments,
        ["NAdam"] = new(
            new Dictionary<string, string> { ["m"] = "exp_avg", ["v"] = "exp_avg_sq", ["muProduct"] = "mu_product" }),
        ["Adamax"] = new(new Dictionary<string, string> { ["m"] = "exp_avg", ["u"] = "exp_inf" }),
        ["Adadelta"] = new(new Dictionary<string, string> { ["v"] = "square_avg", ["deltaAvg"] = "acc_delta" }),

        // PyTorch's sum begins at the initial accumulator; the rule adds it where it is used.
        ["Adagrad"] = new(new Dictionary<string, string> { ["sum"] = "sum" }, "initialAccumulator"),

        // When centered, the rule keeps the variance where PyTorch keeps the mean of squares.
        ["RMSProp"] = new(
            new Dictionary<string, string> { ["v"] = "square_avg", ["buffer"] = "momentum_buffer" }, "centered"),
        ["Momentum"] = new(new Dictionary<string, string> { ["m"] = "momentum_buffer" }),
    };

    private static readonly Dictionary<string, LayoutNames> BitsAndBytes = new(StringComparer.Ordinal)
    {
        ["Adam"] = TwoStates,
        ["AdamW"] = TwoStates,
        ["Lamb"] = TwoStates,
        ["Momentum"] = OneState,
        ["Lars"] = OneState,
        ["Lion"] = OneState,
        ["RMSProp"] = new(new Dictionary<string, string> { ["v"] = "state1" }, "centered", "momentum"),
        ["Adagrad"] = new(new Dictionary<string, string> { ["sum"] = "state1" }, "initialAccumulator"),
    };

    /// <summary>The names for a rule whose groups have these hyperparameters.</summary>
    /// <exception cref="NotSupportedException">There are none.</exception>
    public static IReadOnlyDictionary<string, string> Of(
        StateLayout layout, RuleInfo rule, IReadOnlyList<CheckpointGroup> groups)
    {
        if (layout.Names is not null)
        {
            return layout.Names;
        }

        if (!(layout.IsBitsAndBytes ? BitsAndBytes : PyTorch).TryGetValue(rule.Name, out LayoutNames? names))
        {
            throw new NotSupportedException($"It is not known what {layout} calls the states of rule {rule.Name} "
                + $"({string.Join(", ", rule.States.Select(state => state.Name))}); say so: layout with {{ "
                + $"{nameof(StateLayout.Names)} = ... }}.");
        }

        foreach (string without in names.Without)
        {
            if (groups.Any(group => group.Hyperparameters.TryGetValue(without, out double value) && value != 0))
            {
                throw new NotSupportedException(
                    $"With {without}, the states of rule {rule.Name} are not those of {layout}, and cannot be told "
                    + "from them; only states without it can be exchanged.");
            }
        }

        return names.States;
    }
}
