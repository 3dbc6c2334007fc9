using Requant.CompilerServices;

namespace Requant.Runtime.Tests.Kernels.Cpu;

/// <summary>Host values have a result for every argument, and .NET's wherever it has one.</summary>
public class HostMathTests
{
    private static readonly int[] Ints = [int.MinValue, int.MinValue + 1, -7, -1, 0, 1, 3, 7, int.MaxValue];

    [Fact]
    public void Division_OfInts_IsTotal()
    {
        foreach (int x in Ints)
        {
            foreach (int y in Ints)
            {
                bool throws = y == 0 || (x == int.MinValue && y == -1);
                Assert.Equal(!throws ? x / y : y == 0 ? 0 : x, HostMath.Divide(x, y));
                Assert.Equal(!throws ? x % y : 0, HostMath.Remainder(x, y));
            }
        }
    }

    [Fact]
    public void Functions_WhereDotNetThrows_HaveAResult()
    {
        Assert.Equal(0, HostMath.Sign(float.NaN));
        Assert.Equal(int.MinValue, HostMath.Abs(int.MinValue));
        Assert.Equal(1f, HostMath.Clamp(5f, 2f, 1f));
        Assert.Equal(1, HostMath.Clamp(5, 2, 1));
    }
}
