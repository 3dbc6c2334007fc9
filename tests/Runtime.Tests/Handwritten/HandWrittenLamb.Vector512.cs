using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Requant.Cpu;
using Requant.Quantization;

namespace Requant.Runtime.Tests.Handwritten;

public sealed partial record HandWrittenLamb
{
    private static void Update512<TM, TV>(in KernelArguments tensor, ref BlockRange range)
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
        Vector512<float> beta1Vector = Vector512.Create(beta1);
        Vector512<float> oneMinusBeta1Vector = Vector512.Create(oneMinusBeta1);
        Vector512<float> beta2Vector = Vector512.Create(beta2);
        Vector512<float> oneMinusBeta2Vector = Vector512.Create(oneMinusBeta2);
        Vector512<float> bias1Vector = Vector512.Create(bias1);
        Vector512<float> bias2Vector = Vector512.Create(bias2);
        Vector512<float> lrTrustVector = Vector512.Create(lrTrust);
        Vector512<float> epsVector = Vector512.Create(eps);
        Vector512<float> weightDecayVector = Vector512.Create(weightDecay);
        for (long block = range.First; block < range.End; block++)
        {
            ref float gradient = ref tensor.OpenGradient(block, in range);
            int length = tensor.BlockLength(block);
            if (!Gradients.AllFinite(ref gradient, length))
            {
                UpdateBlock<TM, TV>(in tensor, ref range, block);
                continue;
            }

            ref float parameter = ref tensor.OpenParameter(block, in range);
            StateBlock mBlock = TM.Open(in tensor, 0, block, in range);
            StateBlock vBlock = TV.Open(in tensor, 1, block, in range);
            TM.Decode512(in mBlock, length);
            TV.Decode512(in vBlock, length);
            nuint i = 0;
            for (; i + 16 <= (nuint)length; i += 16)
            {
                Vector512<float> g = Vector512.LoadUnsafe(ref gradient, i);
                Vector512<float> p = Vector512.LoadUnsafe(ref parameter, i);
                Vector512<float> m = Vector512.LoadUnsafe(ref mBlock.Values, i);
                Vector512<float> v = Vector512.LoadUnsafe(ref vBlock.Values, i);
                m = (beta1Vector * m) + (oneMinusBeta1Vector * g);
                v = (beta2Vector * v) + (oneMinusBeta2Vector * g * g);
                Vector512<float> denominator = Vector512.Sqrt(v / bias2Vector) + epsVector;
                p -= lrTrustVector * ((m / bias1Vector / denominator) + (weightDecayVector * p));
                p.StoreUnsafe(ref parameter, i);
                m.StoreUnsafe(ref mBlock.Values, i);
                v.StoreUnsafe(ref vBlock.Values, i);
            }

            for (; i < (nuint)length; i++)
            {
                float g = Unsafe.Add(ref gradient, i);
                float p = Unsafe.Add(ref parameter, i);
                float m = TM.Load(in mBlock, i);
                float v = TV.Load(in vBlock, i);
                m = (beta1 * m) + (oneMinusBeta1 * g);
                v = (beta2 * v) + (oneMinusBeta2 * g * g);
                float denominator = MathF.Sqrt(v / bias2) + eps;
                Unsafe.Add(ref parameter, i) = p - (lrTrust * ((m / bias1 / denominator) + (weightDecay * p)));
                Unsafe.Add(ref mBlock.Values, i) = m;
                Unsafe.Add(ref vBlock.Values, i) = v;
            }

            tensor.CloseParameter(block, in range);
            TM.Close512(in mBlock, length);
            TV.Close512(in vBlock, length);
        }
    }

    private static void Reduce512<TM, TV>(in KernelArguments tensor, ref BlockRange range)
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
        Vector512<float> beta1Vector = Vector512.Create(beta1);
        Vector512<float> oneMinusBeta1Vector = Vector512.Create(oneMinusBeta1);
        Vector512<float> beta2Vector = Vector512.Create(beta2);
        Vector512<float> oneMinusBeta2Vector = Vector512.Create(oneMinusBeta2);
        Vector512<float> bias1Vector = Vector512.Create(bias1);
        Vector512<float> bias2Vector = Vector512.Create(bias2);
        Vector512<float> epsVector = Vector512.Create(eps);
        Vector512<float> weightDecayVector = Vector512.Create(weightDecay);
        ref float terms0 = ref range.Scratch(KernelArguments.MaxStates);
        ref float terms1 = ref range.Scratch(KernelArguments.MaxStates + 1);
        for (long block = range.First; block < range.End; block++)
        {
            ref float gradient = ref tensor.OpenGradient(block, in range);
            int length = tensor.BlockLength(block);
            if (!Gradients.AllFinite(ref gradient, length))
            {
                ReduceBlock<TM, TV>(in tensor, ref range, block);
                continue;
            }

            ref float parameter = ref tensor.OpenParameter(block, in range);
            StateBlock mBlock = TM.Open(in tensor, 0, block, in range);
            StateBlock vBlock = TV.Open(in tensor, 1, block, in range);
            TM.Decode512(in mBlock, length);
            TV.Decode512(in vBlock, length);
            nuint i = 0;
            for (; i + 16 <= (nuint)length; i += 16)
            {
                Vector512<float> g = Vector512.LoadUnsafe(ref gradient, i);
                Vector512<float> p = Vector512.LoadUnsafe(ref parameter, i);
                Vector512<float> m = Vector512.LoadUnsafe(ref mBlock.Values, i);
                Vector512<float> v = Vector512.LoadUnsafe(ref vBlock.Values, i);
                m = (beta1Vector * m) + (oneMinusBeta1Vector * g);
                v = (beta2Vector * v) + (oneMinusBeta2Vector * g * g);
                Vector512<float> denominator = Vector512.Sqrt(v / bias2Vector) + epsVector;
                Vector512<float> update = (m / bias1Vector / denominator) + (weightDecayVector * p);
                (p * p).StoreUnsafe(ref terms0, i);
                (update * update).StoreUnsafe(ref terms1, i);
            }

            for (; i < (nuint)length; i++)
            {
                float g = Unsafe.Add(ref gradient, i);
                float p = Unsafe.Add(ref parameter, i);
                float m = TM.Load(in mBlock, i);
                float v = TV.Load(in vBlock, i);
                m = (beta1 * m) + (oneMinusBeta1 * g);
                v = (beta2 * v) + (oneMinusBeta2 * g * g);
                float denominator = MathF.Sqrt(v / bias2) + eps;
                float update = (m / bias1 / denominator) + (weightDecay * p);
                Unsafe.Add(ref terms0, i) = p * p;
                Unsafe.Add(ref terms1, i) = update * update;
            }

            tensor.SetPartial(0, block, BlockSum.Fold(ref terms0, length));
            tensor.SetPartial(1, block, BlockSum.Fold(ref terms1, length));
        }
    }
}
