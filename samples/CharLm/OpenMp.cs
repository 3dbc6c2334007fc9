using System.Runtime.InteropServices;

namespace Requant.Samples.CharLm;

/// <summary>How libtorch's threads wait for each other.</summary>
internal static partial class OpenMp
{
    private const string WaitPolicy = "OMP_WAIT_POLICY";

    /// <summary>Lets them sleep instead of spin. Spinning threads take the processor from the optimizer's, and where
    /// other
    /// programs run too a training step was seen to take four times as long. Has to come before libtorch is
    /// loaded.</summary>
    public static void WaitPassively()
    {
        // .NET keeps its own copy of the environment, which native code does not see.
        if (OperatingSystem.IsLinux() && Environment.GetEnvironmentVariable(WaitPolicy) is null)
        {
            _ = SetEnvironmentVariable(WaitPolicy, "PASSIVE", overwrite: 0);
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironmentVariable(string name, string value, int overwrite);
}
