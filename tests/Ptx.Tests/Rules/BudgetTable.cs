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
        new("Adadelta", "p g v deltaAvg > p v deltaAvg", new(73.5, 80.0, 80.5, 33.5)),
        new("Adagrad", "p g sum > p sum", new(43.0, 50.0, 50.0, 23.5)),
        new("Adam", "p g m v > p m v", new(74.5, 81.5, 81.5, 30.0)),
        new("Adam, amsgrad", "p g m v vMax > p m v vMax", new(116.5, 123.0, 123.5, 52.0)),
        new("Adamax", "p g m u > p m u", new(88.5, 95.0, 95.0, 44.5)),
        new("AdamW", "p g m v > p m v", new(73.5, 80.5, 80.5, 29.0)),
        new("AdamW, amsgrad", "p g m v vMax > p m v vMax", new(115.5, 122.0, 122.5, 51.0)),
        new("AdEMAMix", "p g m1 m2 v > p m1 m2 v", new(84.5, 91.5, 92.0, 39.5)),
        new("Lamb", "p g m v > partial partial | p g m v > p m v", new(134.5, 147.0, 146.0, 78.5)),
        new("Lars", "p g > partial partial | p g m > p m", new(71.0, 84.0, 83.0, 47.0)),
        new("Lars, plain", "p g > partial partial | p g > p", new(43.5, 56.0, 55.0, 43.5)),
        new("Lion", "p g m > p m", new(58.0, 65.0, 65.0, 34.5)),
        new("Momentum", "p g > p m", new(35.5, 42.5, 42.5, 17.0)) { Step = 1 },
        new("Momentum", "p g m > p m", new(44.5, 51.5, 51.5, 20.5)),
        new("Momentum, nesterov", "p g > p m", new(38.0, 45.0, 45.0, 19.0)) { Step = 1 },
        new("Momentum, nesterov", "p g m > p m", new(46.5, 53.5, 53.5, 22.5)),
        new("Momentum, plain", "p g > p", new(16.0, 22.5, 22.5, 16.0)),
        new("NAdam", "p g m v > p m v", new(78.0, 85.0, 85.0, 33.5)),
        new("NAdam, decoupled", "p g m v > p m v", new(77.0, 84.0, 84.0, 32.5)),
        new("RMSProp", "p g v > p v", new(44.0, 51.0, 51.0, 25.0)),
        new("RMSProp, centered", "p g v gAvg > p v gAvg", new(75.0, 82.0, 82.0, 30.5)),
        new("RMSProp, momentum", "p g v buffer > p v buffer", new(73.5, 80.0, 80.5, 28.5)),
        new("RMSProp, centered, momentum", "p g v gAvg buffer > p v gAvg buffer", new(104.0, 111.0, 111.0, 34.0)),
        new("SgdW", "p g > p m", new(34.5, 41.5, 41.5, 16.0)) { Step = 1 },
        new("SgdW", "p g m > p m", new(43.5, 50.5, 50.5, 19.5)),
        new("SgdW, nesterov", "p g > p m", new(37.0, 44.0, 44.0, 18.0)) { Step = 1 },
        new("SgdW, nesterov", "p g m > p m", new(45.5, 52.5, 52.5, 21.5)),
        new("SgdW, plain", "p g > p", new(15.0, 21.5, 21.5, 15.0)),
        new("Signum", "p g m > p m", new(54.5, 61.5, 61.5, 31.0)),
        new("Signum, plain", "p g > p", new(25.5, 32.0, 32.5, 25.5)),
    ];
}
