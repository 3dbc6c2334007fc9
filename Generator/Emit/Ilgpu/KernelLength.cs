using Requant.Generator.Analyze;
using Requant.Generator.Ir;

namespace Requant.Generator.Emit.Ilgpu;

/// <summary>How long a kernel's code is, to tell whether it can be there eight times: for a lane's eight elements, which a loop
/// cannot take because registers have no index.</summary>
internal static class KernelLength
{
    /// <summary>Instructions for an element, about, up to which blocks are taken whole. The longest rule that is known, with every
    /// function there is, has ten times as many: its kernel would take a minute to compile and no instruction cache would hold it.</summary>
    private const int MostOfEight = 200;

    /// <summary>Instructions of a function that has no instruction of its own, about.</summary>
    private const int OfFunction = 40;

    public static bool IsTakenWhole(Kernel kernel) => kernel.Ops.Sum(Of) <= MostOfEight;

    private static int Of(IrOp op) => op.Code switch
    {
        OpCode.Parameter or OpCode.Gradient or OpCode.OldState or OpCode.Uniform or OpCode.ConstFloat => 0,
        OpCode.Exp or OpCode.Log or OpCode.Log2 or OpCode.Log10 or OpCode.Cbrt or OpCode.Tanh or OpCode.Sin or OpCode.Cos
            or OpCode.Pow or OpCode.FusedMultiplyAdd => OfFunction,
        _ => 1,
    };
}
