using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Requant.Cpu;
using Requant.Quantization;

namespace Requant.Runtime.Tests.Handwritten;

public sealed partial record HandWrittenAdam
{
    private static void Update256<TM, TV>(in KernelArguments tensor, ref BlockRange range)
        where TM : struct, IStateCodec
        where TV : struct, IStateCodec
    {
        float beta1 = tensor.Uniform(0);
        float oneMinusBeta1 = tensor.Uniform(1);
        float beta2 = tensor.Uniform(2);
        float oneMinusBeta2 = tensor.Uniform(3);
        float bias1 = tensor.Uniform(4);
        float bias2 = tensor.Uniform(5);
        float lr = tensor.Uniform(6);
        float eps = tensor.Uniform(7);
        float weightDecay = tensor.Uniform(8);
        Vector256<float> beta1Vector = Vector256.Create(beta1);
        Vector256<float> oneMinusBeta1Vector = Vector256.Create(oneMinusBeta1);
        Vector256<float> beta2Vector = Vector256.Create(beta2);
        Vector256<float> oneMinusBeta2Vector = Vector256.Create(oneMinusBeta2);
        Vector256<float> bias1Vector = Vector256.Create(bias1);
        Vector256<float> bias2Vector = Vector256.Create(bias2);
        Vector256<float> lrVector = Vector256.Create(lr);
        Vector256<float> epsVector = Vector256.Create(eps);
        Vector256<float> weightDecayVector = Vector256.Create(weightDecay);
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
            TM.Decode256(in mBlock, length);
            TV.Decode256(in vBlock, length);
            nuint i = 0;
            for (; i + 8 <= (nuint)length; i += 8)
            {
                Vector256<float> g = Vector256.LoadUnsafe(ref gradient, i);
                Vector256<float> p = Vector256.LoadUnsafe(ref parameter, i);
                Vector256<float> m = Vector256.LoadUnsafe(ref mBlock.Values, i);
                Vector256<float> v = Vector256.LoadUnsafe(ref vBlock.Values, i);
                m = (beta1Vector * m) + (oneMinusBeta1Vector * g);
                v = (beta2Vector * v) + (oneMinusBeta2Vector * g * g);
                Vector256<float> denominator = Vector256.Sqrt(v / bias2Vector) + epsVector;
                p -= lrVector * ((m / bias1Vector / denominator) + (weightDecayVector * p));
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
                Unsafe.Add(ref parameter, i) = p - (lr * ((m / bias1 / denominator) + (weightDecay * p)));
                Unsafe.Add(ref mBlock.Values, i) = m;
                Unsafe.Add(ref vBlock.Values, i) = v;
            }

            tensor.CloseParameter(block, in range);
            TM.Close256(in mBlock, length);
            TV.Close256(in vBlock, length);
        }
    }
}
