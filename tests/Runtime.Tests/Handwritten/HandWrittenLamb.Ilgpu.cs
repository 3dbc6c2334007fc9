using ILGPU;
using Requant.Ilgpu;

namespace Requant.Runtime.Tests.Handwritten;

public sealed partial record HandWrittenLamb
{
    public static void UpdateDevice<TParameter, TGradient, TM, TV>(
        DeviceTensor tensor, DeviceState mState, DeviceState vState, DeviceState unused2, DeviceState unused3)
        where TParameter : struct, IDeviceElementType
        where TGradient : struct, IDeviceElementType
        where TM : struct, IDeviceCodec
        where TV : struct, IDeviceCodec
    {
        float beta1 = tensor.Uniforms[0];
        float oneMinusBeta1 = tensor.Uniforms[1];
        float beta2 = tensor.Uniforms[2];
        float oneMinusBeta2 = tensor.Uniforms[3];
        float bias1 = tensor.Uniforms[4];
        float bias2 = tensor.Uniforms[5];
        float lrTrust = tensor.Uniforms[6];
        float eps = tensor.Uniforms[7];
        float weightDecay = tensor.Uniforms[8];
        int skipped = 0;
        long blocks = DeviceGrid.BlockCount(tensor);
        for (long block = DeviceGrid.FirstBlock; block < blocks; block += DeviceGrid.BlockStride)
        {
            long first = block * tensor.BlockSize;
            int length = DeviceGrid.BlockLength(tensor, block);
            float mAbsmax = TM.Open(mState, block);
            float vAbsmax = TV.Open(vState, block);

            // The first pass finds the largest new magnitudes.
            float mMaximum = 0f;
            float vMaximum = 0f;
            for (int i = DeviceGrid.Lane; i < length; i += DeviceGrid.WarpSize)
            {
                float g = TGradient.Load(tensor.Gradient, first + i);
                float mOld = TM.Load(mState, first + i, mAbsmax);
                float vOld = TV.Load(vState, first + i, vAbsmax);
                float m = mOld;
                float v = vOld;
                if (DeviceMath.IsFinite(g))
                {
                    m = (beta1 * m) + (oneMinusBeta1 * g);
                    v = (beta2 * v) + (oneMinusBeta2 * g * g);
                }

                mMaximum = TM.Widen(mMaximum, m, mOld);
                vMaximum = TV.Widen(vMaximum, v, vOld);
            }

            float mInverse = TM.Close(mState, block, mMaximum);
            float vInverse = TV.Close(vState, block, vMaximum);

            // The second pass computes the same again and stores it.
            for (int i = DeviceGrid.Lane; i < length; i += DeviceGrid.WarpSize)
            {
                float g = TGradient.Load(tensor.Gradient, first + i);
                float mOld = TM.Load(mState, first + i, mAbsmax);
                float vOld = TV.Load(vState, first + i, vAbsmax);
                float m = mOld;
                float v = vOld;
                if (DeviceMath.IsFinite(g))
                {
                    float p = TParameter.Load(tensor.Parameter, first + i);
                    m = (beta1 * m) + (oneMinusBeta1 * g);
                    v = (beta2 * v) + (oneMinusBeta2 * g * g);
                    float denominator = MathF.Sqrt(v / bias2) + eps;
                    TParameter.Store(tensor.Parameter, first + i, p - (lrTrust * ((m / bias1 / denominator) + (weightDecay * p))));
                }
                else
                {
                    skipped++;
                }

                TM.Store(mState, first + i, m, mOld, mInverse);
                TV.Store(vState, first + i, v, vOld, vInverse);
            }
        }

        if (skipped > 0)
        {
            Atomic.Add(ref tensor.Skipped[0], skipped);
        }
    }

    public static void ReduceDevice<TParameter, TGradient, TM, TV>(
        DeviceTensor tensor, DeviceState mState, DeviceState vState, DeviceState unused2, DeviceState unused3)
        where TParameter : struct, IDeviceElementType
        where TGradient : struct, IDeviceElementType
        where TM : struct, IDeviceCodec
        where TV : struct, IDeviceCodec
    {
        float beta1 = tensor.Uniforms[0];
        float oneMinusBeta1 = tensor.Uniforms[1];
        float beta2 = tensor.Uniforms[2];
        float oneMinusBeta2 = tensor.Uniforms[3];
        float bias1 = tensor.Uniforms[4];
        float bias2 = tensor.Uniforms[5];
        float eps = tensor.Uniforms[7];
        float weightDecay = tensor.Uniforms[8];
        long blocks = DeviceGrid.BlockCount(tensor);
        for (long block = DeviceGrid.FirstBlock; block < blocks; block += DeviceGrid.BlockStride)
        {
            long first = block * tensor.BlockSize;
            int length = DeviceGrid.BlockLength(tensor, block);
            float mAbsmax = TM.Open(mState, block);
            float vAbsmax = TV.Open(vState, block);
            DeviceFold fold0 = default;
            DeviceFold fold1 = default;
            int rounds = DeviceFold.Rounds(length);
            for (int round = 0; round < rounds; round++)
            {
                int i = DeviceFold.Element(round, rounds);
                float term0 = 0f;
                float term1 = 0f;
                if (i < length && DeviceMath.IsFinite(TGradient.Load(tensor.Gradient, first + i)))
                {
                    float g = TGradient.Load(tensor.Gradient, first + i);
                    float p = TParameter.Load(tensor.Parameter, first + i);
                    float m = TM.Load(mState, first + i, mAbsmax);
                    float v = TV.Load(vState, first + i, vAbsmax);
                    m = (beta1 * m) + (oneMinusBeta1 * g);
                    v = (beta2 * v) + (oneMinusBeta2 * g * g);
                    float denominator = MathF.Sqrt(v / bias2) + eps;
                    float update = (m / bias1 / denominator) + (weightDecay * p);
                    term0 = p * p;
                    term1 = update * update;
                }

                fold0.Add(term0);
                fold1.Add(term1);
            }

            float sum0 = fold0.Finish(length);
            float sum1 = fold1.Finish(length);
            if (DeviceGrid.Lane == 0)
            {
                tensor.Partials[block] = sum0;
                tensor.Partials[blocks + block] = sum1;
            }
        }
    }
}
