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
        new("Adadelta", "p g v deltaAvg > p v deltaAvg", new(83.0, 95.0, 99.0, 37.0)),
        new("Adagrad", "p g sum > p sum", new(48.5, 60.5, 64.5, 26.0)),
        new("Adam", "p g m v > p m v", new(84.5, 96.5, 100.5, 33.5)),
        new("Adam, amsgrad", "p g m v vMax > p m v vMax", new(130.5, 142.5, 146.5, 55.5)),
        new("Adamax", "p g m u > p m u", new(97.5, 109.0, 113.0, 46.0)),
        new("AdamW", "p g m v > p m v", new(83.5, 95.5, 99.5, 32.5)),
        new("AdamW, amsgrad", "p g m v vMax > p m v vMax", new(129.5, 141.5, 145.5, 54.5)),
        new("AdEMAMix", "p g m1 m2 v > p m1 m2 v", new(95.5, 107.0, 111.0, 44.0)),
        new("Lamb", "p g m v > partial partial | p g m v > p m v", new(147.0, 164.0, 167.0, 83.0)),
        new("Lars", "p g > partial partial | p g m > p m", new(77.5, 95.0, 98.0, 50.0)),
        new("Lars, plain", "p g > partial partial | p g > p", new(45.5, 63.0, 66.0, 45.5)),
        new("Lion", "p g m > p m", new(63.0, 75.0, 79.0, 35.5)),
        new("Momentum", "p g > p m", new(40.5, 52.5, 56.5, 18.5)) { Step = 1 },
        new("Momentum", "p g m > p m", new(50.5, 62.5, 66.5, 23.0)),
        new("Momentum, nesterov", "p g > p m", new(43.0, 54.5, 58.5, 21.0)) { Step = 1 },
        new("Momentum, nesterov", "p g m > p m", new(52.5, 64.5, 68.5, 25.0)),
        new("Momentum, plain", "p g > p", new(17.0, 29.0, 33.0, 17.0)),
        new("NAdam", "p g m v > p m v", new(88.0, 100.0, 104.0, 37.0)),
        new("NAdam, decoupled", "p g m v > p m v", new(87.0, 99.0, 103.0, 36.0)),
        new("RMSProp", "p g v > p v", new(50.0, 61.5, 65.5, 27.5)),
        new("RMSProp, centered", "p g v gAvg > p v gAvg", new(85.0, 97.0, 101.0, 34.0)),
        new("RMSProp, momentum", "p g v buffer > p v buffer", new(83.5, 95.0, 99.0, 32.0)),
        new("RMSProp, centered, momentum", "p g v gAvg buffer > p v gAvg buffer", new(118.5, 130.5, 134.5, 38.5)),
        new("SgdW", "p g > p m", new(39.5, 51.5, 55.5, 17.5)) { Step = 1 },
        new("SgdW", "p g m > p m", new(49.5, 61.5, 65.5, 22.0)),
        new("SgdW, nesterov", "p g > p m", new(42.0, 53.5, 57.5, 20.0)) { Step = 1 },
        new("SgdW, nesterov", "p g m > p m", new(51.5, 63.5, 67.5, 24.0)),
        new("SgdW, plain", "p g > p", new(16.0, 28.0, 32.0, 16.0)),
        new("Signum", "p g m > p m", new(59.5, 71.5, 75.5, 32.0)),
        new("Signum, plain", "p g > p", new(26.0, 38.0, 42.0, 26.0)),
    ];
}
