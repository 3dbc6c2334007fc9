using Requant.Ilgpu;

namespace Requant.Runtime.Tests.Handwritten;

public sealed partial record HandWrittenAdam
{
    public static void UpdateDevice<TParameter, TGradient, TM, TV>(
        DeviceModel model)
        where TParameter : struct, IDeviceElementType
        where TGradient : struct, IDeviceElementType
        where TM : struct, IDeviceCodec
        where TV : struct, IDeviceCodec
    {
        DeviceTable mTable = TM.OpenTable(model, model.Table0);
        DeviceTable vTable = TV.OpenTable(model, model.Table1);
        DeviceTensor tensor = default;
        DeviceState mState = default;
        DeviceState vState = default;
        float beta1 = 0f;
        float oneMinusBeta1 = 0f;
        float beta2 = 0f;
        float oneMinusBeta2 = 0f;
        float bias1 = 0f;
        float bias2 = 0f;
        float lr = 0f;
        float eps = 0f;
        float weightDecay = 0f;
        int skipped = 0;
        for (long launchBlock = DeviceGrid.FirstBlock; launchBlock < model.BlockCount; launchBlock += DeviceGrid.BlockStride)
        {
            if (launchBlock >= tensor.EndBlock)
            {
                tensor = DeviceTensor.Find(model, (uint)launchBlock);
                mState = tensor.State(0, model.BlockSize0);
                vState = tensor.State(1, model.BlockSize1);
                beta1 = tensor.Uniform(0);
                oneMinusBeta1 = tensor.Uniform(1);
                beta2 = tensor.Uniform(2);
                oneMinusBeta2 = tensor.Uniform(3);
                bias1 = tensor.Uniform(4);
                bias2 = tensor.Uniform(5);
                lr = tensor.Uniform(6);
                eps = tensor.Uniform(7);
                weightDecay = tensor.Uniform(8);
            }

            long block = launchBlock - tensor.FirstBlock;
            long first = block * model.BlockSize;
            int length = DeviceGrid.BlockLength(tensor, first, model.BlockSize);
            float mAbsmax = TM.Open(mState, block);
            float vAbsmax = TV.Open(vState, block);

            // The first pass finds the largest new magnitudes.
            float mMaximum = 0f;
            float vMaximum = 0f;
            for (int i = DeviceGrid.Lane; i < length; i += DeviceGrid.WarpSize)
            {
                float g = TGradient.Load(tensor.Gradient, first + i);
                float mOld = TM.Load(mState, mTable, first + i, mAbsmax);
                float vOld = TV.Load(vState, vTable, first + i, vAbsmax);
                float m = mOld;
                float v = vOld;
                if (TGradient.Takes(g))
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
                float mOld = TM.Load(mState, mTable, first + i, mAbsmax);
                float vOld = TV.Load(vState, vTable, first + i, vAbsmax);
                float m = mOld;
                float v = vOld;
                if (TGradient.Takes(g))
                {
                    float p = TParameter.Load(tensor.Parameter, first + i);
                    m = (beta1 * m) + (oneMinusBeta1 * g);
                    v = (beta2 * v) + (oneMinusBeta2 * g * g);
                    float denominator = MathF.Sqrt(v / bias2) + eps;
                    TParameter.Store(tensor.Parameter, first + i, p - (lr * ((m / bias1 / denominator) + (weightDecay * p))));
                }
                else
                {
                    skipped++;
                }

                TM.Store(mState, mTable, first + i, m, mOld, mInverse);
                TV.Store(vState, vTable, first + i, v, vOld, vInverse);
            }
        }

        if (skipped > 0)
        {
            DeviceGrid.CountSkipped(model, skipped);
        }
    }
}
