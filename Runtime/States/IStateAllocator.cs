namespace Requant;

/// <summary>What a piece of state memory holds.</summary>
public enum StateMemoryKind
{
    /// <summary>uint8[n]: the codes of a quantized state.</summary>
    Codes,

    /// <summary>float32[ceil(n / block size)]: the scales of a quantized state.</summary>
    Absmax,

    /// <summary>float32[n]: a state that is not quantized.</summary>
    Values,

    /// <summary>int16[n]: what a parameter of bfloat16 lacks; see <see cref="MasterWeights.Remainder16"/>.</summary>
    Remainder,
}

/// <summary>Supplies the memory of optimizer states, for instance from a tensor library.</summary>
public interface IStateAllocator
{
    /// <summary>Allocates memory for one part of one state.</summary>
    /// <param name="stateName">Name of the state in the rule; <c>remainder</c> for those of bfloat16
    /// elements.</param>
    /// <param name="kind">What it holds, which gives the element's type.</param>
    /// <param name="count">Elements; 0 or more.</param>
    /// <param name="fill">Value of every byte at first: the zero code for codes, 0 for others.</param>
    /// <returns>Memory that stays in place until it is disposed, which the optimizer does when it is
    /// disposed.</returns>
    IStateMemory Allocate(string stateName, StateMemoryKind kind, long count, byte fill);
}

/// <summary>Memory of one part of one state.</summary>
public interface IStateMemory : IDisposable
{
    /// <summary>Address of the first element, aligned to 4 bytes (64 for speed), in host memory. May be 0
    /// when there are no elements.</summary>
    nint Pointer { get; }
}
