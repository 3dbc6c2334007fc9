namespace Requant.Samples.DataParallel;

/// <summary>How a run went: the same on all ranks.</summary>
/// <param name="TrainingLosses">Cross entropy of each step's global batch, in nats per character.</param>
/// <param name="ValidationLoss">Cross entropy of the validation batches behind the last step.</param>
/// <param name="ParameterCount">Elements of the model.</param>
/// <param name="StateBytes">Optimizer states of each rank, or of the one process.</param>
internal sealed record RunResult(
    IReadOnlyList<double> TrainingLosses, double ValidationLoss, long ParameterCount, IReadOnlyList<long> StateBytes)
{
    /// <summary>Writes every loss with all its bits, the one of validation last: a line each.</summary>
    public void WriteLosses(string path) => File.WriteAllLines(
        path, TrainingLosses.Append(ValidationLoss).Select(loss => FormattableString.Invariant($"{loss:R}")));
}
