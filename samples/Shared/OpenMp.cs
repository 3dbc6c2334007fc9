using System.Runtime.InteropServices;

namespace Requant.Samples;

/// <summary>How libtorch's threads wait for each other.</summary>
internal static partial class OpenMp
{
    private const string SpinCount = "GOMP_SPINCOUNT";

    // A tenth of GCC's own. Sleeping at once (OMP_WAIT_POLICY=PASSIVE) would be unfair to the 32-bit optimizer, whose
    // many small operations would each wait for a thread to wake up.
    private const string Spins = "30000";

    /// <summary>Lets them go to sleep sooner: where other programs run too, threads that spin for long were seen to
    /// make a training step several times slower. Has to come before libtorch is loaded.</summary>
    public static void LimitSpinning()
    {
        // .NET keeps its own copy of the environment, which native code does not see.
        if (OperatingSystem.IsLinux() && Environment.GetEnvironmentVariable("OMP_WAIT_POLICY") is null)
        {
            _ = SetEnvironmentVariable(SpinCount, Spins, overwrite: 0);
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironmentVariable(string name, string value, int overwrite);
}
