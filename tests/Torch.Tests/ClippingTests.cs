using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Requant.Torch.Tests;

/// <summary>Clipping and policies that look at all parameter groups before a step changes anything.</summary>
public sealed class ClippingTests
{
    /// <summary>PyTorch adds norms and multiplies in float32, the step in float64 and once: parameters near 1, moved by
    /// less than 1 a step, differ by roundings of float32.</summary>
    private const double ClippingTolerance = 2e-6;

    [Theory]
    [InlineData(1f)]
    [InlineData(30f)]
    [InlineData(1e6f)]
    public void MaxGradientNorm_TwoGroups_IsClipGradNormBeforeTheStep(float maxNorm)
    {
        // Momentum, unlike Adam, is not blind to the gradient's scale.
        var options = new TorchOptions { MinQuantizedLength = long.MaxValue };
        (Parameter[] own, Parameter[] reference) = (Parameters(), Parameters());
        using Sgd8bit optimizer = Make(own, options with { MaxGradientNorm = maxNorm });
        using Sgd8bit expected = Make(reference, options);
        for (int step = 0; step < 5; step++)
        {
            for (int i = 0; i < own.Length; i++)
            {
                Some.SetGradient(own[i], (10 * step) + i);
                Some.SetGradient(reference[i], (10 * step) + i);
            }

            double norm = nn.utils.clip_grad_norm_(reference, maxNorm);
            expected.step();
            optimizer.step();

            Assert.Equal(norm, optimizer.GradientNorm!.Value, norm * ClippingTolerance);
            Assert.Equal(Some.Array(Some.Values((10 * step) + 1, own[1].shape)), Some.Array(own[1].grad!));
        }

        for (int i = 0; i < own.Length; i++)
        {
            Some.AssertClose(reference[i], own[i], ClippingTolerance);
        }
    }

    [Theory]
    [InlineData(NonFinitePolicy.SkipStep)]
    [InlineData(NonFinitePolicy.Throw)]
    public void Policy_BadElementInEitherGroup_ChangesNothing(NonFinitePolicy policy)
    {
        Parameter[] parameters = Parameters();
        using Sgd8bit optimizer = Make(parameters, new TorchOptions { NonFinite = policy });
        for (int bad = 0; bad < 2; bad++)
        {
            for (int i = 0; i < 2; i++)
            {
                Some.SetGradient(parameters[i], i);
            }

            parameters[bad].grad!.flatten().index_put_(float.NaN, TensorIndex.Single(bad == 0 ? 0 : -1));
            float[] before = [.. parameters.SelectMany(Some.Array)];
            if (policy == NonFinitePolicy.Throw)
            {
                Assert.Throws<NotFiniteNumberException>(() => optimizer.step());
            }
            else
            {
                optimizer.step();
                Assert.True(optimizer.LastStepSkipped);
                Assert.Equal(bad + 1, optimizer.SkippedSteps);
            }

            Assert.Equal(before, parameters.SelectMany(Some.Array));
            Assert.All(optimizer.States, state => Assert.Equal(0, state.State.Step));
        }
    }

    [Fact]
    public void MaxGradientNorm_Zero_IsRefused() => Assert.Throws<ArgumentOutOfRangeException>(
        () => Make(Parameters(), new TorchOptions { MaxGradientNorm = 0f }));

    private static Parameter[] Parameters() => [Some.Parameter(1, 50, 100), Some.Parameter(2, 30)];

    private static Sgd8bit Make(Parameter[] parameters, TorchOptions options) => new(
        [new Sgd8bit.ParamGroup([parameters[0]]), new Sgd8bit.ParamGroup([parameters[1]], lr: 0.02)], 0.01,
        momentum: 0.9, options: options);
}
