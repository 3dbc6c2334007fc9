using System.Runtime;
using TorchSharp.Modules;

namespace Requant.Torch.Tests;

/// <summary>Steps of TorchSharp's own optimizers.</summary>
internal static class TorchSteps
{
    /// <summary>Far more than a step of a test allocates.</summary>
    private const long RegionBytes = 4 << 20;

    /// <summary>Takes a step without a collection: TorchSharp makes scalars for operations and does not keep them alive
    /// while libtorch reads them, so that a collection at that moment frees them (toFloat: "Expected false
    /// to be true").</summary>
    public static void TakeStep(this OptimizerHelper torchs)
    {
        bool isEntered = GC.TryStartNoGCRegion(RegionBytes);
        try
        {
            torchs.step();
        }
        finally
        {
            // Allocating more than the region has ends it.
            if (isEntered && GCSettings.LatencyMode == GCLatencyMode.NoGCRegion)
            {
                GC.EndNoGCRegion();
            }
        }
    }
}
