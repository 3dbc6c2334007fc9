namespace Requant.Ptx.Execution;

/// <summary>What a lane did that PTX does not define; the warp adds the instruction and the place.</summary>
internal sealed class FaultException(string problem) : Exception(problem);
