using static TorchSharp.torch;

namespace Requant.Torch.Tests;

public sealed class LibTorchTests
{
    [Fact]
    public void LibTorch_OnThisSystem_Loads()
    {
        using Tensor sum = ones(3).sum();

        Assert.Equal(3f, sum.item<float>());
    }

    [Fact]
    public void TensorPointer_OfView_HonoursStorageOffset()
    {
        using Tensor whole = arange(10, ScalarType.Float32);
        using Tensor part = whole[TensorIndex.Slice(4)];

        Assert.Equal(TensorPointer.Of(whole) + (4 * sizeof(float)), TensorPointer.Of(part));
    }
}
