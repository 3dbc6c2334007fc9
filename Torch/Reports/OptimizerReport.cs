using System.Text.Json;

namespace Requant.Torch;

/// <summary>A snapshot of what an optimizer keeps for each parameter. <see cref="ToString"/> is a table for a terminal,
/// and a .NET Interactive notebook shows one; <see cref="ToCsv"/> and <see cref="ToJson"/> are for other
/// programs.</summary>
[TypeFormatterSource(typeof(ReportFormatters))]
public sealed class OptimizerReport
{
    private OptimizerReport(IReadOnlyList<OptimizerReportRow> rows) => Rows = rows;

    /// <summary>One row for each state of each parameter, in the order of the groups and of the rule's states, one for
    /// each of the rule's scalars of a tensor, and one for the remainders of
    /// <see cref="MasterWeights.Remainder16"/>. A state that the hyperparameters do not use has no memory and no
    /// row; a parameter without any state has one row.</summary>
    public IReadOnlyList<OptimizerReportRow> Rows { get; }

    /// <summary>Memory of all states, in bytes: <see cref="TorchOptimizer{TRule}.StateBytes"/>.</summary>
    public long StateBytes => Rows.Sum(row => row.StateBytes);

    /// <summary>What the same states would take in float32, in bytes.</summary>
    public long Float32Bytes => Rows.Sum(row => row.Float32Bytes);

    /// <summary>The rows and the sums as a table of at most 100 columns, the same in every culture; lines end with
    /// <c>\n</c>. A name that is too long for its column has a line of its own; a shape is shortened in its
    /// middle.</summary>
    public override string ToString() => ReportTable.Of(this).ToText();

    /// <summary>The rows as comma-separated values with a header, quoted as RFC 4180 has it, the same in every culture;
    /// lines end with <c>\n</c>. Columns are named after the properties of <see cref="OptimizerReportRow"/>, a shape is
    /// <c>10x500</c>, and what is null is empty.</summary>
    public string ToCsv() => ReportCsv.Of(this);

    /// <summary>The sums and the rows as a JSON object of <c>rows</c>, <c>stateBytes</c> and <c>float32Bytes</c>; lines
    /// end with <c>\n</c>. Properties are named after those of <see cref="OptimizerReportRow"/>, enumerations are their
    /// names, and an error bound that is no finite number is a string.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, ReportJson.Default.OptimizerReport);

    internal static OptimizerReport Of(IEnumerable<TorchParameterState> states) => new([.. states.SelectMany(RowsOf)]);

    private static IEnumerable<OptimizerReportRow> RowsOf(TorchParameterState parameter)
    {
        OptimizerReportRow none = new()
        {
            Parameter = parameter.State.Name, Shape = parameter.Shape, Type = parameter.Type,
        };
        QuantizedState[] allocated = [.. parameter.State.States.Where(state => state.IsAllocated)];
        OptimizerReportRow[] rows =
        [
            .. allocated.Select(state => RowOf(none, state)),
            .. parameter.State.TensorStates.Names.Select(name => none with
            {
                State = name, Bits = 32, Codec = Codec.Float32, StateBytes = sizeof(float),
                Float32Bytes = sizeof(float),
            }),
        ];
        if (parameter.State.HasRemainder)
        {
            long length = parameter.State.Length;
            rows =
            [
                .. rows,
                none with
                {
                    State = "remainder", Bits = 16, StateBytes = length * sizeof(short),
                    Float32Bytes = length * sizeof(float),
                },
            ];
        }

        return rows.Length > 0 ? rows : [none];
    }

    private static OptimizerReportRow RowOf(OptimizerReportRow none, QuantizedState state) => none with
    {
        State = state.Name,
        Bits = state.IsQuantized ? 8 : 32,
        Codec = state.Codec,
        Rounding = state.IsQuantized ? state.Rounding : null,
        BlockSize = state.IsQuantized ? state.BlockSize : null,
        StateBytes = state.StateBytes,
        Float32Bytes = state.Length * sizeof(float),
        ErrorBound = QuantizationError.BoundOf(state),
    };
}
