using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Requant.Bench.Cpu;

/// <summary>libtorch's fused AdamW: one vectorized kernel over parameter, gradient and two float32 states.</summary>
internal sealed class FusedAdamWStep : IContestant
{
    private const string Script = """
        def adamw(params: List[Tensor], grads: List[Tensor], m: List[Tensor], v: List[Tensor], steps: List[Tensor]):
            none: List[Tensor] = []
            torch._fused_adamw_(params, grads, m, v, none, steps, lr=0.001, beta1=0.9, beta2=0.999,
                weight_decay=0.01, eps=1e-8, amsgrad=False, maximize=False)
            return 0

        """;

    private readonly jit.CompilationUnit _unit = jit.compile(Script);
    private readonly Tensor _m;
    private readonly Tensor _v;
    private readonly Tensor _step = zeros([]);
    private readonly SharedTensor _tensor;

    public FusedAdamWStep(SharedTensor tensor)
    {
        _tensor = tensor;
        _m = zeros(tensor.Elements);
        _v = zeros(tensor.Elements);
    }

    public string Name => "libtorch _fused_adamw_, float32";

    public double BytesPerParameter => 28;

    public double? StateBytesPerParameter => 8;

    public void Step()
    {
        using IDisposable noGradient = no_grad();
        _step.add_(1);
        _unit.invoke("adamw", (Tensor[])[_tensor.Parameter], (Tensor[])[_tensor.Gradient], (Tensor[])[_m], (Tensor[])[_v], (Tensor[])[_step]);
    }

    public void Dispose()
    {
        _unit.Dispose();
        _m.Dispose();
        _v.Dispose();
        _step.Dispose();
    }
}

/// <summary>TorchSharp's own optimizers: eight or nine libtorch calls per parameter.</summary>
internal sealed class TorchSharpStep : IContestant
{
    private readonly OptimizerHelper _optimizer;

    private TorchSharpStep(string name, OptimizerHelper optimizer)
    {
        Name = name;
        _optimizer = optimizer;
    }

    public string Name { get; }

    public double BytesPerParameter => 28;

    public double? StateBytesPerParameter => 8;

    public static TorchSharpStep Adam(SharedTensor tensor) => new("TorchSharp Adam, float32", optim.Adam([tensor.Parameter]));

    public static TorchSharpStep AdamW(SharedTensor tensor) => new("TorchSharp AdamW, float32", optim.AdamW([tensor.Parameter]));

    public void Step() => _optimizer.step();

    public void Dispose() => _optimizer.Dispose();
}
