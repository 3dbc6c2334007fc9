extern alias DataParallel;

using DataParallel::Requant.Samples.DataParallel;
using Requant.Tests;

namespace Requant.Samples.Tests.DataParallel;

/// <summary>The program under mpirun.</summary>
[Collection(CapturedConsole.Collection)]
public sealed class JobTests : IDisposable
{
    private readonly TextFile _text = new();

    public void Dispose() => _text.Dispose();

    [Theory]
    [InlineData("Open MPI")]
    [InlineData("MPICH")]
    public void Run_UnderMpirun_HasTheLossesOfOneProcessAndOneTable(string launcher)
    {
        string one = _text.Beside("one.txt");
        string two = _text.Beside("two.txt");
        string[] arguments = ["--steps", "3", "--batch", "4", "--data", _text.Path, "--losses"];

        using (Job job = Launcher.Of(launcher).Start(typeof(RunResult).Assembly.Location, 2, [.. arguments, two]))
        {
            job.Wait();

            Assert.True(job.ExitCode == 0, job.Output);
            Assert.Single(job.Output.Split("states of rank 0")[1..]);
            Assert.Single(job.Output.Split("states of rank 1")[1..]);
            Assert.Single(job.Output.Split("8-bit Adam: 3/3, loss ")[1..]);
        }

        Assert.Equal(0, CapturedConsole.Run(Program.Run, [.. arguments, one]).ExitCode);
        Assert.Equal(File.ReadAllBytes(one), File.ReadAllBytes(two));
    }
}
