using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Requant.Bench.Cpu;

/// <summary>One of libtorch's fused kernels: vectorized, over parameter, gradient and states of the
/// parameter's type.</summary>
internal sealed class FusedStep : IContestant
{
    private const string AdamArguments = "(params, grads, m, v, none, steps, lr=0.001, beta1=0.9, beta2=0.999, "
        + "weight_decay=0.01, eps=1e-8, amsgrad=False, maximize=False)";

    private static readonly Dictionary<string, string> Calls = new()
    {
        ["Adam"] = "_fused_adam_" + AdamArguments,
        ["AdamW"] = "_fused_adamw_" + AdamArguments,
        ["Momentum"] = "_fused_sgd_(params, grads, m, weight_decay=0.0, momentum=0.9, lr=0.001, dampening=0.0, "
            + "nesterov=False, maximize=False, is_first_step=False)",
    };

    private readonly jit.CompilationUnit _unit;
    private readonly Parameter[] _parameters;
    private readonly Tensor[] _gradients;
    private readonly Tensor[] _m;
    private readonly Tensor[] _v;
    private readonly Tensor[] _steps;

    private FusedStep(string call, Parameter[] parameters)
    {
        _unit = jit.compile($"""
            def step(params: List[Tensor], grads: List[Tensor], m: List[Tensor], v: List[Tensor], steps: List[Tensor]):
                none: List[Tensor] = []
                torch.{call}
                return 0

            """);
        _parameters = parameters;
        _gradients = [.. parameters.Select(parameter => parameter.grad!)];
        _m = [.. parameters.Select(zeros_like)];
        _v = [.. parameters.Select(zeros_like)];
        _steps = [.. parameters.Select(_ => ones([]))];
    }

    /// <summary>Null for a rule without such a kernel.</summary>
    public static FusedStep? Create(string rule, Func<Parameter[]> parameters) =>
        Calls.TryGetValue(rule, out string? call) ? new FusedStep(call, parameters()) : null;

    public void Step()
    {
        using IDisposable noGradient = no_grad();
        _unit.invoke("step", (Tensor[])_parameters, _gradients, _m, _v, _steps);
    }

    public void Dispose()
    {
        _unit.Dispose();
        foreach (Tensor tensor in (IEnumerable<Tensor>)[.. _parameters, .. _gradients, .. _m, .. _v, .. _steps])
        {
            tensor.Dispose();
        }
    }

    private static Tensor zeros_like(Tensor like) => torch.zeros_like(like, requires_grad: false);
}

/// <summary>TorchSharp's own optimizers: several libtorch calls per parameter.</summary>
internal sealed class TorchSharpStep : IContestant
{
    private readonly Parameter[] _parameters;
    private readonly OptimizerHelper _optimizer;

    private TorchSharpStep(Parameter[] parameters, Func<Parameter[], OptimizerHelper> make)
    {
        _parameters = parameters;
        _optimizer = make(parameters);
    }

    /// <summary>Null for a rule that TorchSharp does not have.</summary>
    public static TorchSharpStep? Create(string rule, Func<Parameter[]> parameters) => rule switch
    {
        "Adam" => new TorchSharpStep(parameters(), model => optim.Adam(model)),
        "AdamW" => new TorchSharpStep(parameters(), model => optim.AdamW(model)),
        "Momentum" => new TorchSharpStep(parameters(), model => optim.SGD(model, 1e-3, momentum: 0.9)),
        "RMSProp" => new TorchSharpStep(parameters(), model => optim.RMSProp(model)),
        _ => null,
    };

    public void Step() => _optimizer.step();

    public void Dispose()
    {
        _optimizer.Dispose();
        foreach (Parameter parameter in _parameters)
        {
            parameter.Dispose();
        }
    }
}
