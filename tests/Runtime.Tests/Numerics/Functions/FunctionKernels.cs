using ILGPU;
using Requant.CompilerServices;

namespace Requant.Runtime.Tests.Numerics.Functions;

/// <summary>A kernel of every function.</summary>
internal static class FunctionKernels
{
    public const int Count = 22;

    /// <summary>Writes the results of every function, one after another for each element.</summary>
    public static void All(ArrayView<float> first, ArrayView<float> second, ArrayView<float> results)
    {
        int index = (Grid.IdxX * Group.DimX) + Group.IdxX;
        float x = first[index];
        float y = second[index];
        int at = index * Count;
        results[at] = DeviceMath.Exp(x);
        results[at + 1] = DeviceMath.Log(x);
        results[at + 2] = DeviceMath.Log2(x);
        results[at + 3] = DeviceMath.Log10(x);
        results[at + 4] = DeviceMath.Cbrt(x);
        results[at + 5] = DeviceMath.Tanh(x);
        results[at + 6] = DeviceMath.Sin(x);
        results[at + 7] = DeviceMath.Cos(x);
        results[at + 8] = DeviceMath.Pow(x, y);
        results[at + 9] = DeviceMath.Floor(x);
        results[at + 10] = DeviceMath.Ceiling(x);
        results[at + 11] = DeviceMath.Round(x);
        results[at + 12] = DeviceMath.Truncate(x);
        results[at + 13] = DeviceMath.CopySign(x, y);
        results[at + 14] = DeviceMath.Clamp(x, y, 1f);
        results[at + 15] = DeviceMath.Sign(x);
        results[at + 16] = DeviceMath.FusedMultiplyAdd(x, y, 1f);
        results[at + 17] = DeviceMath.Min(x, y);
        results[at + 18] = DeviceMath.Max(x, y);
        results[at + 19] = DeviceMath.Tan(x);
        results[at + 20] = DeviceMath.Asin(x);
        results[at + 21] = DeviceMath.Atan2(x, y);
    }
}
