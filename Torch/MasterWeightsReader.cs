using static TorchSharp.torch;

namespace Requant.Torch;

/// <summary>Puts parameters of bfloat16 and their remainders together.</summary>
internal static class MasterWeightsReader
{
    private const long ElementsAtATime = 1 << 20;

    /// <summary>float32 on the CPU, in the parameter's shape.</summary>
    public static unsafe Tensor Read(TorchParameterState state)
    {
        using Tensor onHost = state.Parameter.detach().to(CPU);
        if (onHost.dtype != ScalarType.BFloat16)
        {
            return onHost.to(ScalarType.Float32, copy: true);
        }

        using Tensor contiguous = onHost.contiguous();
        using Tensor plain = contiguous.resolve_neg();
        Tensor weights = empty(state.Shape, ScalarType.Float32, CPU);
        long length = state.State.Length;
        for (long start = 0; start < length; start += ElementsAtATime)
        {
            int count = (int)Math.Min(ElementsAtATime, length - start);
            state.State.ReadMasterWeights(
                new ReadOnlySpan<BFloat16>((BFloat16*)TensorPointer.Of(plain) + start, count),
                new Span<float>((float*)TensorPointer.Of(weights) + start, count), start);
        }

        return weights;
    }
}
