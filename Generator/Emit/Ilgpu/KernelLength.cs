using Requant.Generator.Plan;
using Requant.Generator.Ir;

namespace Requant.Generator.Emit.Ilgpu;

/// <summary>How long a kernel's code is, to tell whether it can be there eight times: for a lane's eight elements,
/// which a loop cannot take because registers have no index.</summary>
internal static class KernelLength
{
    /// <summary>Instructions for an element, about, up to which blocks are taken whole. The longest rule that is known,
    /// with every function there is, has ten times as many: its kernel would take a minute to compile and no
    /// instruction cache would hold it.</summary>
    private const int MostOfEight = 200;

    public static bool IsTakenWhole(Kernel kernel) => kernel.Ops.Sum(op => op.Operation.Cost) <= MostOfEight;
}
