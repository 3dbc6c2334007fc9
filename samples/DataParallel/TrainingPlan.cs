namespace Requant.Samples.DataParallel;

/// <summary>What is trained, whether by one process or by ranks.</summary>
/// <param name="Ranks">Into how many micro-batches a batch is cut: one for each rank.</param>
/// <param name="Steps">Steps to take.</param>
/// <param name="GlobalBatch">Pieces of the text that all ranks together take in a step; a multiple of
/// <paramref name="Ranks"/>.</param>
/// <param name="Seed">Of weights and batches.</param>
internal sealed record TrainingPlan(int Ranks, int Steps, int GlobalBatch, int Seed)
{
    /// <summary>Pieces that one rank takes in a step.</summary>
    public int MicroBatch => GlobalBatch / Ranks;
}
