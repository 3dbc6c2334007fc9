using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Requant.Torch.Tests;

/// <summary>A float32 optimizer of one parameter whose states can be set, so that every step starts from
/// ours.</summary>
internal interface IReference : IDisposable
{
    Parameter Parameter { get; }

    /// <summary>Sets the states before step <paramref name="steps"/> + 1.</summary>
    void SetStates(int steps, Func<string, Tensor> values);

    void Step();

    Tensor State(string name);
}

/// <summary>One of TorchSharp's own optimizers.</summary>
internal sealed class TorchReference(
    Parameter parameter,
    OptimizerHelper optimizer,
    Action<OptimizerState, int, Func<string, Tensor>> set,
    Func<OptimizerState, string, Tensor> get) : IReference
{
    public Parameter Parameter => parameter;

    private OptimizerState States => optimizer.state_dict().State[0];

    public void SetStates(int steps, Func<string, Tensor> values) => set(States, steps, values);

    public void Step() => optimizer.TakeStep();

    public Tensor State(string name) => get(States, name);

    public void Dispose() => optimizer.Dispose();
}

/// <summary>LAMB as in arXiv 1904.00962, algorithm 2, by torch operations in float64; TorchSharp has none.</summary>
internal sealed class LambReference(Parameter parameter, double lr, double weightDecay) : IReference
{
    // The values that a rule has in float32.
    private const double Beta1 = 0.9f;
    private const double Beta2 = 0.999f;
    private const double Eps = 1e-6f;

    private Tensor _m = zeros_like(parameter, ScalarType.Float64);
    private Tensor _v = zeros_like(parameter, ScalarType.Float64);
    private int _steps;

    public Parameter Parameter => parameter;

    public void SetStates(int steps, Func<string, Tensor> values) =>
        (_steps, _m, _v) = (steps, values("m").to(ScalarType.Float64), values("v").to(ScalarType.Float64));

    public void Step()
    {
        using IDisposable noGradients = no_grad();
        _steps++;
        Tensor gradient = parameter.grad!.to(ScalarType.Float64);
        Tensor old = parameter.to(ScalarType.Float64);
        _m = (Beta1 * _m) + ((1 - Beta1) * gradient);
        _v = (Beta2 * _v) + ((1 - Beta2) * gradient * gradient);
        Tensor update = (_m / (1 - Math.Pow(Beta1,
            _steps)) / ((_v / (1 - Math.Pow(Beta2, _steps))).sqrt() + Eps)) + (weightDecay * old);
        double trustRatio = old.norm().item<double>() / update.norm().item<double>();
        parameter.copy_(old - (lr * trustRatio * update));
    }

    public Tensor State(string name) => (name == "m" ? _m : _v).to(ScalarType.Float32);

    public void Dispose()
    {
    }
}
