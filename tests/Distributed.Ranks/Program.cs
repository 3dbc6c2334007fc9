using System.Globalization;
using Requant.Distributed;
using Requant.Distributed.Ranks;

// One rank of an MPI job: `contract [PIECE_BYTES]` runs all checks, `train FOLDER` all
// trainings; other words do what a test wants to see the end of.
var options = new CommunicatorOptions
{
    PieceBytes = args is ["contract", string piece] ? int.Parse(piece, CultureInfo.InvariantCulture) : 1 << 30,
    TimeLimit = args[0] == "late" ? TimeSpan.FromSeconds(3) : TimeSpan.FromMinutes(1),
    MpiLibrary = Environment.GetEnvironmentVariable("REQUANT_TEST_MPI"),
};
using ICommunicator ranks = Communicator.Mpi(options);
if (args[0] == "contract")
{
    foreach (Check check in Contract.Checks)
    {
        ranks.Barrier(check.Name);
        try
        {
            check.Run(ranks);
        }
        catch (CheckException exception)
        {
            ranks.Abort($"{check.Name}: {exception.Message}");
        }
    }

    ranks.Barrier("the end");
    if (ranks.Rank == 0)
    {
        Console.WriteLine($"ok {Contract.Checks.Count} checks on {ranks.Size} ranks of {ranks.Library}");
    }
}
else if (args is ["train", string folder])
{
    foreach ((string name, Func<ICommunicator, string, string> train, _) in Trials.All)
    {
        string hash = train(ranks, folder);
        ranks.Barrier(name);
        Console.WriteLine($"rank {ranks.Rank} {name}: {hash}");
    }
}
else if (args is ["save-forever", string path])
{
    Console.WriteLine($"rank {ranks.Rank} is process {Environment.ProcessId}");
    Trials.SaveForever(ranks, path);
}
else
{
    Ending.Run(ranks, args[0]);
}
