using Requant.CompilerServices;

namespace Requant.Runtime.Tests.Kernels.Cpu;

public class GradientsTests
{
    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void AllFinite_OneBadAtAnyPosition_IsFalse(float bad)
    {
        for (int length = 1; length <= 67; length++)
        {
            for (int position = 0; position < length; position++)
            {
                float[] gradients = Finite(length);
                gradients[position] = bad;

                Assert.False(Gradients.AllFinite(ref gradients[0], length));
            }
        }
    }

    [Fact]
    public void AllFinite_LargestMagnitudesAndBadPastTheEnd_IsTrue()
    {
        for (int length = 0; length <= 67; length++)
        {
            float[] gradients = [.. Finite(length), float.NaN];

            Assert.True(Gradients.AllFinite(ref gradients[0], length));
        }
    }

    private static float[] Finite(int length) =>
        [.. Enumerable.Range(0, length).Select(i => i % 2 == 0 ? float.MaxValue : -float.MaxValue)];
}
