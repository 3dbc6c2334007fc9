namespace Requant.Conformance.Devices;

/// <summary>What the kernels of all shipped rules may cost.</summary>
/// <remarks>
/// <para>Bytes are those of one warp's instruction, where lanes that load the same byte load it once. The least are
/// derived from the rule: what a phase's kernel uses must be read in that phase, as nothing but partial results stays
/// on the device between launches. So LAMB reads everything twice, and writes moments in its second phase only, which
/// computes them again from the old ones.</para>
/// <para>Instructions are those of <see cref="StepCost.Instructions"/>. The bounds are a ratchet, at most half an
/// instruction above the present numbers: whoever makes kernels cheaper lowers them to the numbers that the
/// tests print.</para>
/// </remarks>
internal static class BudgetTable
{
    public static readonly RuleBudget[] Rows =
    [
        // The last eight: as InstructionBudget has them.
        new("Adadelta", "p g v deltaAvg > p v deltaAvg", new(79.0, 91.0, 81.5, 48.0, 71.5, 74.0, 158.5, 79.5)),
        new("Adagrad", "p g sum > p sum", new(48.0, 56.5, 50.5, 33.0, 44.0, 46.5, 87.5, 48.0)),
        new("Adam", "p g m v > p m v", new(69.5, 78.5, 72.0, 38.0, 62.5, 65.0, 150.0, 70.0)),
        new("Adam, amsgrad", "p g m v vMax > p m v vMax", new(97.5, 107.0, 100.0, 50.0, 87.5, 90.0, 217.5, 99.5)),
        new("Adamax", "p g m u > p m u", new(72.5, 78.5, 75.0, 41.0, 65.5, 68.0, 160.0, 73.0)),
        new("AdamW", "p g m v > p m v", new(68.5, 77.5, 71.0, 37.0, 61.5, 64.0, 148.5, 69.0)),
        new("AdamW, amsgrad", "p g m v vMax > p m v vMax", new(96.5, 106.0, 99.0, 49.0, 86.5, 89.0, 216.5, 98.5)),
        new("AdEMAMix", "p g m1 m2 v > p m1 m2 v", new(98.0, 107.0, 100.5, 66.0, 91.0, 93.5, 178.5, 99.0)),
        new(
            "Lamb", "p g m v > partial partial | p g m v > p m v",
            new(131.5, 145.5, 136.0, 88.5, 124.5, 129.0, 212.0, 132.0)),
        new("Lars", "p g > partial partial | p g m > p m", new(47.5, 58.5, 52.0, 32.0, 44.5, 49.0, 88.5, 48.0)),
        new("Lars, plain", "p g > partial partial | p g > p", new(28.5, 39.0, 33.0, 28.5, 28.5, 33.0, 28.5, 28.5)),
        new("Lion", "p g m > p m", new(38.0, 44.0, 40.5, 22.5, 35.0, 37.5, 78.5, 39.0)),
        new("Momentum", "p g > p m", new(21.0, 26.5, 23.5, 10.5, 17.5, 20.0, 62.0, 21.5)) { Step = 1 },
        new("Momentum", "p g m > p m", new(29.0, 35.0, 31.5, 13.5, 26.0, 28.5, 70.0, 29.5)),
        new("Momentum, nesterov", "p g > p m", new(23.0, 28.5, 25.5, 12.5, 19.5, 22.0, 64.0, 23.5)) { Step = 1 },
        new("Momentum, nesterov", "p g m > p m", new(31.0, 37.0, 33.5, 15.5, 28.0, 30.5, 71.5, 31.5)),
        new("Momentum, plain", "p g > p", new(9.0, 14.5, 11.5, 9.0, 9.0, 11.5, 9.0, 9.0)),
        new("NAdam", "p g m v > p m v", new(82.5, 91.5, 85.0, 51.0, 75.5, 78.0, 163.0, 83.0)),
        new("NAdam, decoupled", "p g m v > p m v", new(81.5, 90.5, 84.0, 50.0, 74.5, 77.0, 161.5, 82.0)),
        new("RMSProp", "p g v > p v", new(49.0, 57.5, 51.5, 34.0, 45.0, 47.5, 88.5, 49.0)),
        new("RMSProp, centered", "p g v gAvg > p v gAvg", new(70.5, 79.5, 73.0, 39.0, 63.5, 66.0, 150.5, 71.0)),
        new("RMSProp, momentum", "p g v buffer > p v buffer", new(68.5, 77.5, 71.0, 37.0, 61.5, 64.0, 149.5, 69.0)),
        new(
            "RMSProp, centered, momentum", "p g v gAvg buffer > p v gAvg buffer",
            new(90.0, 99.0, 92.5, 42.0, 79.5, 82.0, 211.0, 91.0)),
        new("SgdW", "p g > p m", new(20.0, 26.0, 22.5, 9.5, 16.5, 19.0, 61.0, 20.5)) { Step = 1 },
        new("SgdW", "p g m > p m", new(28.0, 34.0, 30.5, 12.5, 25.0, 27.5, 68.5, 28.5)),
        new("SgdW, nesterov", "p g > p m", new(22.0, 28.0, 24.5, 11.5, 18.5, 21.0, 63.0, 22.5)) { Step = 1 },
        new("SgdW, nesterov", "p g m > p m", new(30.0, 36.0, 32.5, 14.5, 27.0, 29.5, 70.5, 30.5)),
        new("SgdW, plain", "p g > p", new(8.0, 13.5, 10.5, 8.0, 8.0, 10.5, 8.0, 8.0)),
        new("Signum", "p g m > p m", new(35.0, 41.0, 37.5, 19.5, 32.0, 34.5, 75.5, 36.0)),
        new("Signum, plain", "p g > p", new(15.0, 20.5, 17.5, 15.0, 15.0, 17.5, 15.0, 15.0)),

        // One multiplication more in each phase.
        new("Adam", "p g m v > p m v", new(70.5, 79.5, 73.0, 39.0, 63.5, 66.0, 151.0, 71.0)) { IsScaled = true },
        new("Lamb", "p g m v > partial partial | p g m v > p m v",
            new(133.5, 147.5, 138.0, 90.5, 126.5, 131.0, 213.5, 134.0)) { IsScaled = true },
        new("Momentum, plain", "p g > p", new(10.0, 15.5, 12.5, 10.0, 10.0, 12.5, 10.0, 10.0)) { IsScaled = true },
    ];
}
