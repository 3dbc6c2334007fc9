using Requant.Optimizers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Requant.Torch.Tests;

/// <summary>Products by libtorch, and which parameters are Muon's.</summary>
public class MatrixProductTests
{
    /// <summary>Five steps of a polynomial whose slope is 3.4 at 0, on sums of a few hundred products of
    /// float32.</summary>
    private const float Tolerance = 2e-3f;

    [Theory]
    [InlineData(40, 40)]
    [InlineData(17, 130)]
    [InlineData(130, 17)]
    [InlineData(1, 9)]
    [InlineData(9, 1)]
    public void Orthogonalize_ByLibtorch_IsNearOwn(int rows, int columns)
    {
        float[] own = Stepped(rows, columns, MatrixProduct.Exact);
        float[] torchs = Stepped(rows, columns, MatrixProduct.Torch);

        Assert.All(own.Zip(torchs), pair => Assert.Equal(pair.First, pair.Second, Tolerance));
    }

    [Fact]
    public void Orthogonalize_OfRandomMatrix_HasSingularValuesNearOne()
    {
        using Tensor steps = tensor(Stepped(24, 60, MatrixProduct.Exact)).reshape(24, 60);
        using Tensor singular = linalg.svdvals(steps);

        // What Muon's polynomial comes to, by its authors.
        Assert.InRange(singular.min().item<float>(), 0.5f, 1.3f);
        Assert.InRange(singular.max().item<float>(), 0.5f, 1.3f);
    }

    [Fact]
    public void MatrixProduct_Undefined_IsRefused()
    {
        using var parameter = new Parameter(zeros(2, 2));

        Assert.Throws<ArgumentOutOfRangeException>(
            () => new Muon8bit([parameter], options: new TorchOptions { MatrixProduct = (MatrixProduct)2 }));
    }

    [Fact]
    public void Groups_ByName_HaveAdamWForOthers()
    {
        using var model = nn.Sequential(("embedding", nn.Linear(80, 80)), ("hidden", nn.Linear(80, 80)));
        using var optimizer = new Muon8bit(Muon8bit.Groups(
            model.named_parameters(), name => name.StartsWith("embedding", StringComparison.Ordinal)));
        using Tensor loss = model.forward(ones(1, 80)).sum();
        loss.backward();
        optimizer.step();

        OptimizerReportRow[] rows = [.. optimizer.Report().Rows];
        Assert.Contains(rows, row => row is { Parameter: "embedding.weight", State: "v" });
        Assert.DoesNotContain(rows, row => row is { Parameter: "hidden.weight", State: "v" });
        Assert.Contains(rows, row => row is { Parameter: "hidden.bias", State: "v" });
    }

    [Fact]
    public void Groups_WithoutOthers_IsOne()
    {
        using var model = nn.Linear(4, 4);

        Assert.Single(Muon8bit.Groups(model.named_parameters(), _ => false));
    }

    /// <summary>What one step of learning rate 1 takes from zeros: the orthogonalized gradient.</summary>
    private static float[] Stepped(int rows, int columns, MatrixProduct product)
    {
        manual_seed(3);
        using var parameter = new Parameter(zeros(rows, columns));
        using Tensor gradient = randn(rows, columns);
        parameter.grad = gradient;
        using var optimizer = new TorchOptimizer<Orthogonal>(
            [parameter], new Orthogonal(), new TorchOptions { MatrixProduct = product });
        optimizer.step();
        return [.. parameter.detach().data<float>()];
    }
}

/// <summary>A rule that is the matrix alone.</summary>
internal static class OrthogonalRule
{
    [OptimizerRule]
    public static void Orthogonal(ref float p, float g, int steps = 5) => p -= Matrix.Orthogonalize(g, steps);
}
