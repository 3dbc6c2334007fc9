using static TorchSharp.torch;

namespace Requant.Torch;

/// <summary>What a step computes the loss with.</summary>
internal static class StepClosure
{
    /// <summary>The closure's loss, computed with gradients on; null without one.</summary>
    public static Tensor? Run(Func<Tensor>? closure)
    {
        if (closure is null)
        {
            return null;
        }

        using IDisposable gradients = enable_grad();
        return closure();
    }
}
