using Requant.Cuda;

namespace Requant;

/// <content>Steps on devices of CUDA.</content>
public sealed partial class Optimizer<TRule>
{
    /// <summary>The one place to put the executor in.</summary>
    private static void CreateCudaExecutor(CudaContext context) => throw new NotSupportedException(
        $"Rule {TRule.Info.Name} cannot take steps on {context} yet; use Device.Cpu or Device.Ilgpu.");
}
