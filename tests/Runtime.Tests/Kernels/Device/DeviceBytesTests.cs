using Requant.CompilerServices;

namespace Requant.Runtime.Tests.Kernels.Device;

/// <summary>Bytes are changed without a trace in their neighbours.</summary>
public class DeviceBytesTests
{
    [Fact]
    public void Mirror_EveryCodeBesideEveryOther_IsTheMirrorImageOrZero()
    {
        for (int zeroCode = 64; zeroCode <= 127; zeroCode++)
        {
            for (int code = zeroCode; code <= byte.MaxValue; code++)
            {
                for (int other = zeroCode; other <= byte.MaxValue; other += 3)
                {
                    uint codes = (uint)(code | (other << 8) | (code << 16)) | ((uint)other << 24);
                    uint mirrored = Mirrored(code, zeroCode);
                    uint ofOther = Mirrored(other, zeroCode);

                    Assert.Equal(codes, DeviceBytes.Mirror(codes, 0, zeroCode));
                    Assert.Equal(
                        mirrored | (uint)(other << 8) | (mirrored << 16) | ((uint)other << 24),
                        DeviceBytes.Mirror(codes, 0x00ff00ff, zeroCode));
                    Assert.Equal(
                        (uint)code | (ofOther << 8) | (uint)(code << 16) | (ofOther << 24),
                        DeviceBytes.Mirror(codes, 0xff00ff00, zeroCode));
                    Assert.Equal(
                        mirrored * 0x00010001 | ofOther * 0x01000100,
                        DeviceBytes.Mirror(codes, uint.MaxValue, zeroCode));
                }
            }
        }
    }

    [Fact]
    public void OfThirdAndOfSigns_FourWords_TakeEachWordsByte()
    {
        Assert.Equal(0x44332211u, DeviceBytes.OfThird(0xaa11bbcc, 0x00220000, 0xff33ffff, 0x12445678));
        Assert.Equal(0xff00ff00u, DeviceBytes.OfSigns(0x7fffffff, 0x80000000, 0, 0xffffffff));
    }

    private static uint Mirrored(int code, int zeroCode) => (uint)Math.Max((2 * zeroCode) - code, 0);
}
