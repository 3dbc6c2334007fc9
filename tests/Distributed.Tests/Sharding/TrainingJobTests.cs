using System.Diagnostics;
using Requant.Distributed.Ranks;
using Requant.Tests;

namespace Requant.Distributed.Tests.Sharding;

/// <summary>Optimizers in jobs of both launchers.</summary>
public sealed class TrainingJobTests : IDisposable
{
    private static readonly int Kills = KillCount.Value;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    public static MatrixTheoryData<string, int> Jobs { get; } =
        new([Launcher.OpenMpi.Name, Launcher.Mpich.Name], [1, 2, 3, 4]);

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [MemberData(nameof(Jobs))]
    public void Every_rank_has_the_bits_of_one_process(string launcher, int size)
    {
        using Job job = RanksProgram.Start(launcher, size, "train", _folder.FullName);
        job.Wait();

        Assert.True(job.ExitCode == 0, job.Output);
        foreach ((string name, _, Func<int, string, string> inOne) in Trials.All)
        {
            string expected = inOne(size, _folder.FullName);
            Assert.All(
                Enumerable.Range(0, size), rank => Assert.Contains($"rank {rank} {name}: {expected}", job.Output));
        }
    }

    [Theory]
    [InlineData("Open MPI")]
    [InlineData("MPICH")]
    public void A_rank_that_is_killed_leaves_the_old_file_or_the_new_one(string launcher)
    {
        const int Size = 3;
        var random = new Random(3);
        string path = Path.Combine(_folder.FullName, "killed.safetensors");
        for (int kill = 0; kill < Kills; kill++)
        {
            File.Delete(path);
            using Job job = RanksProgram.Start(launcher, Size, "save-forever", path);
            int[] processes = job.WaitForProcesses(Size);
            while (!File.Exists(path))
            {
                Assert.False(job.HasEnded, job.Output);
                Thread.Sleep(10);
            }

            Thread.Sleep(random.Next(200));
            using (Process process = Process.GetProcessById(processes[kill % Size]))
            {
                process.Kill();
            }

            job.Wait();
            Assert.NotEqual(0, job.ExitCode);
            Assert.InRange(Trials.StepOf(path), 1, int.MaxValue);
        }
    }
}
