namespace Requant.Ptx.Tests.Rules;

/// <summary>What the kernels of all shipped rules may cost.</summary>
/// <remarks>
/// <para>Bytes are those of one warp's instruction, where lanes that load the same byte load it once. The least are derived from the rule:
/// what a phase's kernel uses must be read in that phase, as nothing but partial results stays on the device between launches. So LAMB
/// reads everything twice, and writes moments in its second phase only, which computes them again from the old ones.</para>
/// <para>Instructions are those that warps execute, times 32, for each parameter. The bounds are a ratchet, at most half an instruction above
/// the present numbers: whoever makes kernels cheaper lowers them to the numbers that the tests print.</para>
/// </remarks>
internal static class BudgetTable
{
    public static readonly RuleBudget[] Rows =
    [
        // The last four: 8-bit states with float32, float16 and bfloat16 elements, and float32 states.
        new("Adadelta", "p g v deltaAvg > p v deltaAvg", new(76.0, 88.5, 89.0, 33.5)),
        new("Adagrad", "p g sum > p sum", new(44.0, 57.0, 57.0, 23.5)),
        new("Adam", "p g m v > p m v", new(77.5, 90.0, 90.5, 30.0)),
        new("Adam, amsgrad", "p g m v vMax > p m v vMax", new(120.5, 132.5, 133.5, 52.0)),
        new("Adamax", "p g m u > p m u", new(91.0, 103.0, 104.0, 44.5)),
        new("AdamW", "p g m v > p m v", new(76.5, 89.0, 89.5, 29.0)),
        new("AdamW, amsgrad", "p g m v vMax > p m v vMax", new(119.5, 131.5, 132.5, 51.0)),
        new("AdEMAMix", "p g m1 m2 v > p m1 m2 v", new(87.5, 100.5, 100.5, 39.5)),
        new("Lamb", "p g m v > partial partial | p g m v > p m v", new(136.0, 154.5, 154.0, 78.5)),
        new("Lars", "p g > partial partial | p g m > p m", new(72.5, 91.0, 90.5, 47.0)),
        new("Lars, plain", "p g > partial partial | p g > p", new(43.5, 62.0, 61.0, 43.5)),
        new("Lion", "p g m > p m", new(59.5, 71.5, 72.5, 34.5)),
        new("Momentum", "p g > p m", new(37.5, 50.5, 50.5, 17.0)) { Step = 1 },
        new("Momentum", "p g m > p m", new(46.0, 59.0, 59.0, 20.5)),
        new("Momentum, nesterov", "p g > p m", new(40.0, 53.0, 53.0, 19.0)) { Step = 1 },
        new("Momentum, nesterov", "p g m > p m", new(48.0, 61.0, 61.0, 22.5)),
        new("Momentum, plain", "p g > p", new(16.0, 28.5, 28.5, 16.0)),
        new("NAdam", "p g m v > p m v", new(81.0, 93.5, 94.0, 33.5)),
        new("NAdam, decoupled", "p g m v > p m v", new(80.0, 92.5, 93.0, 32.5)),
        new("RMSProp", "p g v > p v", new(45.5, 58.5, 58.5, 25.0)),
        new("RMSProp, centered", "p g v gAvg > p v gAvg", new(78.0, 90.5, 91.0, 30.5)),
        new("RMSProp, momentum", "p g v buffer > p v buffer", new(76.0, 89.0, 89.0, 28.5)),
        new("RMSProp, centered, momentum", "p g v gAvg buffer > p v gAvg buffer", new(108.5, 121.5, 121.5, 34.0)),
        new("SgdW", "p g > p m", new(36.5, 49.5, 49.5, 16.0)) { Step = 1 },
        new("SgdW", "p g m > p m", new(45.0, 58.0, 58.0, 19.5)),
        new("SgdW, nesterov", "p g > p m", new(39.0, 52.0, 52.0, 18.0)) { Step = 1 },
        new("SgdW, nesterov", "p g m > p m", new(47.0, 60.0, 60.0, 21.5)),
        new("SgdW, plain", "p g > p", new(15.0, 27.5, 27.5, 15.0)),
        new("Signum", "p g m > p m", new(56.0, 68.0, 69.0, 31.0)),
        new("Signum, plain", "p g > p", new(25.5, 37.5, 38.5, 25.5)),
    ];
}
