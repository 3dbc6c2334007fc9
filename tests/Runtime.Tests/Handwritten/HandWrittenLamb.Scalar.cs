using System.Runtime.CompilerServices;
using Requant.Cpu;
using Requant.Quantization;

namespace Requant.Runtime.Tests.Handwritten;

public sealed partial record HandWrittenLamb
{
    private static void UpdateScalar<TM, TV>(in KernelArguments tensor, ref BlockRange range)
        where TM : struct, IStateCodec
        where TV : struct, IStateCodec
    {
        for (long block = range.First; block < range.End; block++)
        {
            UpdateBlock<TM, TV>(in tensor, ref range, block);
        }
    }

    private static void UpdateBlock<TM, TV>(in KernelArguments tensor, ref BlockRange range, long block)
        where TM : struct, IStateCodec
        where TV : struct, IStateCodec
    {
        float beta1 = tensor.Uniform(0);
        float oneMinusBeta1 = tensor.Uniform(1);
        float beta2 = tensor.Uniform(2);
        float oneMinusBeta2 = tensor.Uniform(3);
        float bias1 = tensor.Uniform(4);
        float bias2 = tensor.Uniform(5);
        float lrTrust = tensor.Uniform(6);
        float eps = tensor.Uniform(7);
        float weightDecay = tensor.Uniform(8);
        ref float parameter = ref tensor.OpenParameter(block, in range);
        ref float gradient = ref tensor.OpenGradient(block, in range);
        StateBlock mBlock = TM.Open(in tensor, 0, block, in range);
        StateBlock vBlock = TV.Open(in tensor, 1, block, in range);
        int length = tensor.BlockLength(block);
        for (nuint i = 0; i < (nuint)length; i++)
        {
            float g = Unsafe.Add(ref gradient, i);
            float m = TM.Load(in mBlock, i);
            float v = TV.Load(in vBlock, i);
            if (float.IsFinite(g))
            {
                float p = Unsafe.Add(ref parameter, i);
                m = (beta1 * m) + (oneMinusBeta1 * g);
                v = (beta2 * v) + (oneMinusBeta2 * g * g);
                float denominator = MathF.Sqrt(v / bias2) + eps;
                Unsafe.Add(ref parameter, i) = p - (lrTrust * ((m / bias1 / denominator) + (weightDecay * p)));
            }
            else
            {
                range.Skipped++;
            }

            Unsafe.Add(ref mBlock.Values, i) = m;
            Unsafe.Add(ref vBlock.Values, i) = v;
        }

        tensor.CloseParameter(block, in range);
        TM.Close(in mBlock, length);
        TV.Close(in vBlock, length);
    }

    private static void ReduceScalar<TM, TV>(in KernelArguments tensor, ref BlockRange range)
        where TM : struct, IStateCodec
        where TV : struct, IStateCodec
    {
        for (long block = range.First; block < range.End; block++)
        {
            ReduceBlock<TM, TV>(in tensor, ref range, block);
        }
    }

    private static void ReduceBlock<TM, TV>(in KernelArguments tensor, ref BlockRange range, long block)
        where TM : struct, IStateCodec
        where TV : struct, IStateCodec
    {
        float beta1 = tensor.Uniform(0);
        float oneMinusBeta1 = tensor.Uniform(1);
        float beta2 = tensor.Uniform(2);
        float oneMinusBeta2 = tensor.Uniform(3);
        float bias1 = tensor.Uniform(4);
        float bias2 = tensor.Uniform(5);
        float eps = tensor.Uniform(7);
        float weightDecay = tensor.Uniform(8);
        ref float parameter = ref tensor.OpenParameter(block, in range);
        ref float gradient = ref tensor.OpenGradient(block, in range);
        ref float terms0 = ref range.Scratch(KernelArguments.MaxStates);
        ref float terms1 = ref range.Scratch(KernelArguments.MaxStates + 1);
        StateBlock mBlock = TM.Open(in tensor, 0, block, in range);
        StateBlock vBlock = TV.Open(in tensor, 1, block, in range);
        int length = tensor.BlockLength(block);
        for (nuint i = 0; i < (nuint)length; i++)
        {
            float g = Unsafe.Add(ref gradient, i);
            float term0 = 0f;
            float term1 = 0f;
            if (float.IsFinite(g))
            {
                float p = Unsafe.Add(ref parameter, i);
                float m = TM.Load(in mBlock, i);
                float v = TV.Load(in vBlock, i);
                m = (beta1 * m) + (oneMinusBeta1 * g);
                v = (beta2 * v) + (oneMinusBeta2 * g * g);
                float denominator = MathF.Sqrt(v / bias2) + eps;
                float update = (m / bias1 / denominator) + (weightDecay * p);
                term0 = p * p;
                term1 = update * update;
            }

            Unsafe.Add(ref terms0, i) = term0;
            Unsafe.Add(ref terms1, i) = term1;
        }

        tensor.SetPartial(0, block, BlockSum.Fold(ref terms0, length));
        tensor.SetPartial(1, block, BlockSum.Fold(ref terms1, length));
    }
}
