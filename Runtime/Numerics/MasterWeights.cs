namespace Requant;

/// <summary>Float32 master weights of bfloat16 parameters.</summary>
public enum MasterWeights
{
    /// <summary>None: a parameter is what its elements are, and updates below half the distance to the next bfloat16
    /// are lost unless they are rounded stochastically.</summary>
    None,

    /// <summary>The 16 bits that an element of bfloat16 lacks, as a hidden state of 2 bytes. Training is bit for bit
    /// that of a float32 parameter, of which the model sees the nearest bfloat16; ties go away from
    /// zero.</summary>
    Remainder16,
}
