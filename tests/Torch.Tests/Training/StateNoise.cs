using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Requant.Torch.Tests.Training;

/// <summary>Multiplies float32 states by random numbers near 1.</summary>
/// <param name="Size">How far from 1 they are at most.</param>
/// <param name="Seed">Another seed is another draw.</param>
internal sealed record StateNoise(double Size, int Seed)
{
    private const int StepsOfADraw = 1000;

    /// <summary>Changes all states of an optimizer of ours, after a step.</summary>
    public void Apply(OptimizerHelper optimizer, int step)
    {
        using DisposeScope scope = NewDisposeScope();
        using var generator = new Generator((ulong)((Seed * StepsOfADraw) + step));
        IEnumerable<TorchParameterState> parameters = optimizer.state_dict().State.Cast<TorchParameterState>();
        foreach (StateTensor state in parameters.SelectMany(parameter => parameter.Tensors))
        {
            Tensor noise = (2 * rand(state.Tensor.shape, generator: generator)) - 1;
            state.Tensor.mul_(1 + (Size * noise));
        }
    }
}
