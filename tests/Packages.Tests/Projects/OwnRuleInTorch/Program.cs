using System.Globalization;
using Requant;
using Requant.Optimizers;
using Requant.Torch;
using static TorchSharp.torch;

random.manual_seed(1);
Train(parameters => new Adam8bit(parameters, lr: 1e-2));
Train(parameters => new TorchOptimizer<SignDescent>(parameters, new SignDescent { Lr = 1e-2f }));

// The loss of a layer whose output is to be zero, before and after ten steps.
static void Train(Func<IEnumerable<TorchSharp.Modules.Parameter>, optim.Optimizer> make)
{
    using var layer = nn.Linear(64, 64);
    using optim.Optimizer optimizer = make(layer.parameters());
    using Tensor input = randn(16, 64);
    float first = Loss(layer, input).item<float>();
    for (int step = 0; step < 10; step++)
    {
        optimizer.zero_grad();
        using Tensor loss = Loss(layer, input);
        loss.backward();
        optimizer.step();
    }

    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{first} {Loss(layer, input).item<float>()}"));
}

static Tensor Loss(nn.Module<Tensor, Tensor> layer, Tensor input) => layer.forward(input).pow(2).mean();

internal static class Rules
{
    [OptimizerRule]
    public static void SignDescent(ref float p, float g, float lr = 1e-3f) => p -= lr * MathF.Sign(g);
}
