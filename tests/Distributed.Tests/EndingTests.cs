using System.Runtime.InteropServices;
using Requant.Tests;

namespace Requant.Distributed.Tests;

/// <summary>A rank of an MPI job ends otherwise than by being killed: the others end, too, with one line.</summary>
public sealed class EndingTests
{
    private const int Ranks = 3;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private static readonly (string How, string Line)[] Endings =
    [
        ("throw", "rank 2 failed after it began \"gradients of step 4\": InvalidOperationException: planted"),
        ("throw-elsewhere", "rank 2 failed after it began \"gradients of step 4\": InvalidOperationException: planted"),
        ("exit", "rank 2 ended with exit code 3; the last it did was \"gradients of step 4\""),
        ("abort", "rank 2 ends all ranks: planted"),
        ("leave", "rank 2 is gone; the last it did was \"gradients of step 4\""),
        ("late", "rank . waited 3 s in \"the others wait\" for rank .*"),
        ("mismatch", "rank . failed after it began .*: rank . sent 0 bytes where rank . expects 10, in .*"),
        ("truncate", "rank 2 failed after it began \"another thing\": CommunicationException: rank 2 lost rank . .*"),
    ];

    public static MatrixTheoryData<string, string> Cases { get; } = new(
        [Launcher.OpenMpi.Name, Launcher.Mpich.Name], Endings.Select(one => one.How));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Rank_EndsAlone_OthersEndAndOneLineSaysWhy(string launcher, string how)
    {
        using Job job = RanksProgram.Start(launcher, Ranks, how);
        job.Wait();

        Assert.Matches($"^{Endings.Single(one => one.How == how).Line}$", Assert.Single(job.Said));
        Assert.True(job.TimeSinceLine < Limit, $"The job ended {job.TimeSinceLine} after that line.");
        Assert.NotEqual(0, job.ExitCode);
    }

    [Theory]
    [InlineData("Open MPI")]
    [InlineData("MPICH")]
    public void NullReference_WithMpi_IsStillAnException(string launcher)
    {
        using Job job = RanksProgram.Start(launcher, Ranks, "null");
        job.Wait();
        Assert.Contains("a null reference is an exception", job.Output);
        Assert.Equal(0, job.ExitCode);
    }
}
