using Requant.CompilerServices;
using Requant.Devices;
using Requant.Runtime.Tests.Support;

namespace Requant.Runtime.Tests.Devices.Ptx;

public class PtxCompilerTests
{
    [Fact]
    public void Compile_UnknownArchitecture_ThrowsWithTheKnownOnes()
    {
        ArgumentException exception = Assert.Throws<ArgumentException>(() => PtxCompiler.Compile(
            DeviceKernels.Get<Adam>(0, 0, StateFormat.Declared, ElementType.Float32, ElementType.Float32)!.Method,
            "sm_12"));

        Assert.Contains("sm_12", exception.Message, StringComparison.Ordinal);
        Assert.Contains("sm_90", exception.Message, StringComparison.Ordinal);
    }
}
