using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Requant.Torch.Tests;

/// <summary>Parameters and gradients of 16 bits: what the runtime's optimizer does with the same elements.</summary>
public sealed class ElementTypeTests
{
    private const int StepCount = 3;

    [Theory]
    [InlineData(ScalarType.Float16, ScalarType.Float16)]
    [InlineData(ScalarType.BFloat16, ScalarType.BFloat16)]
    [InlineData(ScalarType.BFloat16, ScalarType.Float32)]
    [InlineData(ScalarType.Float32, ScalarType.BFloat16)]
    [InlineData(ScalarType.Float32, ScalarType.Float16)]
    public void Step_OfAnyTypes_StepsInFloat32AndRoundsOnce(ScalarType type, ScalarType gradientType)
    {
        using var parameter = new Parameter(Some.Values(1, Some.QuantizedLength).to(type));
        using var optimizer = new TorchOptimizer<HeavyBall>([("w", parameter)], new HeavyBall());
        using var runtime = new Optimizer<HeavyBall>(new HeavyBall());
        ParameterState state = runtime.Add("w", Some.QuantizedLength);
        float[] expected = Singles(parameter);
        for (int step = 0; step < StepCount; step++)
        {
            // Rounding is torch's own here, of the float32 step from the same 16-bit elements.
            using Tensor gradient = Some.Values(10 + step, Some.QuantizedLength).to(gradientType);
            SetGradient(parameter, gradient);
            optimizer.step();
            runtime.Step(state, expected, Singles(gradient));
            using Tensor rounded = tensor(expected).to(type);
            expected = Singles(rounded);

            Assert.Equal(expected, Singles(parameter));
        }

        Assert.Equal(state.States[0].Codes.ToArray(), optimizer.States[0].State.States[0].Codes.ToArray());
        Assert.Equal(type, parameter.dtype);
    }

    [Theory]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.BFloat16)]
    public void Training_AModelOf16Bits_LowersItsLoss(ScalarType type)
    {
        random.manual_seed(5);
        using nn.Module<Tensor, Tensor> model = nn.Sequential(nn.Linear(64, 128), nn.Tanh(), nn.Linear(128, 1))
            .to(type);
        using Tensor input = Some.Values(1, 256, 64).to(type);
        using Tensor target = Some.Values(2, 256, 1).to(type);
        using var optimizer = new Adam8bit(model.named_parameters(), lr: 3e-3);
        float first = Loss(model, input, target, optimizer);
        float last = first;
        for (int step = 0; step < 60; step++)
        {
            last = Loss(model, input, target, optimizer);
        }

        Assert.InRange(last, 0f, first / 2);
    }

    private static float Loss(nn.Module<Tensor, Tensor> model, Tensor input, Tensor target, Adam8bit optimizer)
    {
        using IDisposable scope = NewDisposeScope();
        optimizer.zero_grad();
        Tensor loss = nn.functional.mse_loss(model.forward(input), target);
        loss.backward();
        optimizer.step();
        return loss.to(ScalarType.Float32).item<float>();
    }

    private static float[] Singles(Tensor tensor)
    {
        using Tensor singles = tensor.detach().to(ScalarType.Float32);
        return singles.data<float>().ToArray();
    }

    private static void SetGradient(Parameter parameter, Tensor gradient) => parameter.grad = gradient.alias();
}
