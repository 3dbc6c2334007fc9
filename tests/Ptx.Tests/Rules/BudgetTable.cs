namespace Requant.Ptx.Tests.Rules;

/// <summary>What the kernels of all shipped rules may cost.</summary>
/// <remarks>
/// <para>Bytes are those of one warp's instruction, where lanes that load the same byte load it once. The least are derived from the rule:
/// what a phase's kernel uses must be read in that phase, as nothing but partial results stays on the device between launches. So LAMB
/// reads everything twice, and writes moments in its second phase only, which computes them again from the old ones.</para>
/// <para>Instructions are those of <see cref="StepCost.Instructions"/>. The bounds are a ratchet, at most half an instruction above
/// the present numbers: whoever makes kernels cheaper lowers them to the numbers that the tests print.</para>
/// </remarks>
internal static class BudgetTable
{
    public static readonly RuleBudget[] Rows =
    [
        // The last four: 8-bit states with float32, float16 and bfloat16 elements, and float32 states.
        new("Adadelta", "p g v deltaAvg > p v deltaAvg", new(80.5, 86.5, 83.0, 47.5, 300, 300, 300, 300)),
        new("Adagrad", "p g sum > p sum", new(50.0, 56.0, 52.5, 32.5, 300, 300, 300, 300)),
        new("Adam", "p g m v > p m v", new(74.5, 80.5, 77.0, 37.5, 300, 300, 300, 300)),
        new("Adam, amsgrad", "p g m v vMax > p m v vMax", new(102.0, 108.0, 104.5, 50.0, 300, 300, 300, 300)),
        new("Adamax", "p g m u > p m u", new(77.0, 83.0, 79.5, 41.0, 300, 300, 300, 300)),
        new("AdamW", "p g m v > p m v", new(73.5, 79.5, 76.0, 36.5, 300, 300, 300, 300)),
        new("AdamW, amsgrad", "p g m v vMax > p m v vMax", new(101.0, 107.0, 103.5, 49.0, 300, 300, 300, 300)),
        new("AdEMAMix", "p g m1 m2 v > p m1 m2 v", new(102.5, 108.5, 105.0, 65.0, 300, 300, 300, 300)),
        new("Lamb", "p g m v > partial partial | p g m v > p m v", new(180.5, 191.5, 185.0, 131.0, 300, 300, 300, 300)),
        new("Lars", "p g > partial partial | p g m > p m", new(53.5, 64.5, 58.0, 32.5, 300, 300, 300, 300)),
        new("Lars, plain", "p g > partial partial | p g > p", new(29.5, 40.0, 34.0, 29.5, 300, 300, 300, 300)),
        new("Lion", "p g m > p m", new(43.5, 49.5, 46.0, 22.5, 300, 300, 300, 300)),
        new("Momentum", "p g > p m", new(26.0, 32.0, 28.5, 10.0, 300, 300, 300, 300)) { Step = 1 },
        new("Momentum", "p g m > p m", new(34.5, 40.5, 37.0, 13.0, 300, 300, 300, 300)),
        new("Momentum, nesterov", "p g > p m", new(28.0, 34.0, 30.5, 12.0, 300, 300, 300, 300)) { Step = 1 },
        new("Momentum, nesterov", "p g m > p m", new(36.5, 42.5, 39.0, 15.0, 300, 300, 300, 300)),
        new("Momentum, plain", "p g > p", new(9.5, 15.0, 12.0, 9.5, 300, 300, 300, 300)),
        new("NAdam", "p g m v > p m v", new(87.5, 93.5, 90.0, 50.5, 300, 300, 300, 300)),
        new("NAdam, decoupled", "p g m v > p m v", new(86.5, 92.5, 89.0, 49.5, 300, 300, 300, 300)),
        new("RMSProp", "p g v > p v", new(51.0, 57.0, 53.5, 33.5, 300, 300, 300, 300)),
        new("RMSProp, centered", "p g v gAvg > p v gAvg", new(75.5, 81.5, 78.0, 38.5, 300, 300, 300, 300)),
        new("RMSProp, momentum", "p g v buffer > p v buffer", new(73.5, 79.5, 76.0, 36.5, 300, 300, 300, 300)),
        new("RMSProp, centered, momentum", "p g v gAvg buffer > p v gAvg buffer", new(97.5, 103.5, 100.0, 41.0, 300, 300, 300, 300)),
        new("SgdW", "p g > p m", new(25.0, 31.0, 27.5, 9.0, 300, 300, 300, 300)) { Step = 1 },
        new("SgdW", "p g m > p m", new(33.5, 39.5, 36.0, 12.0, 300, 300, 300, 300)),
        new("SgdW, nesterov", "p g > p m", new(27.0, 33.0, 29.5, 11.0, 300, 300, 300, 300)) { Step = 1 },
        new("SgdW, nesterov", "p g m > p m", new(35.5, 41.5, 38.0, 14.0, 300, 300, 300, 300)),
        new("SgdW, plain", "p g > p", new(8.5, 14.0, 11.0, 8.5, 300, 300, 300, 300)),
        new("Signum", "p g m > p m", new(40.5, 46.5, 43.0, 19.5, 300, 300, 300, 300)),
        new("Signum, plain", "p g > p", new(16.0, 21.5, 18.5, 16.0, 300, 300, 300, 300)),

        // One multiplication more in each phase.
        new("Adam", "p g m v > p m v", new(75.5, 81.5, 78.0, 38.5, 300, 300, 300, 300)) { IsScaled = true },
        new("Lamb", "p g m v > partial partial | p g m v > p m v", new(182.5, 193.5, 187.0, 133.0, 300, 300, 300, 300)) { IsScaled = true },
        new("Momentum, plain", "p g > p", new(10.5, 16.0, 13.0, 10.5, 300, 300, 300, 300)) { IsScaled = true },
    ];
}
