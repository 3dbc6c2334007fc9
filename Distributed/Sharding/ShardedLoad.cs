namespace Requant.Distributed.Sharding;

/// <summary>Loads a checkpoint: each rank reads its part, and all put it in place, or none.</summary>
internal static class ShardedLoad
{
    /// <param name="ranks">The ranks.</param>
    /// <param name="optimizer">This rank's part.</param>
    /// <param name="parameters">All parameters, of which it has parts.</param>
    /// <param name="path">The file.</param>
    /// <param name="options">What may be converted on the way.</param>
    /// <param name="check">Throws where the file does not fit for another reason.</param>
    /// <returns>What was read, to be put in place: all ranks can.</returns>
    /// <exception cref="CheckpointException">The file does not fit, here or on another rank.</exception>
    public static CheckpointLoad Read<TRule>(
        ICommunicator ranks, Optimizer<TRule> optimizer, CheckpointParameter[] parameters, string path,
        LoadOptions? options, Action<CheckpointLoad>? check = null)
        where TRule : IOptimizerRule<TRule>
    {
        Exception? failure = null;
        CheckpointLoad? load = null;
        try
        {
            load = CheckpointLoad.Read(
                path, RuleInfo.Of<TRule>(), optimizer.Groups.Count, parameters, options,
                optimizer.Options.Rounding);
            check?.Invoke(load);
        }
#pragma warning disable CA1031 // Whatever it is, the other ranks must hear of it, and this one throws it then.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            failure = exception;
        }

        byte[] failed = new byte[ranks.Size];
        ranks.Gather([failure is null ? (byte)0 : (byte)1], failed, $"loading {Path.GetFileName(path)}");
        if (failure is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        }

        int other = failed.AsSpan().IndexOf((byte)1);
        if (other >= 0)
        {
            throw new CheckpointException(
                $"Rank {other} could not load '{path}', and says why; no rank has changed anything.");
        }

        return load!;
    }
}
