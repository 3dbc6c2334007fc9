using Requant.Devices.Driver;

namespace Requant;

/// <summary>CUDA is not there, or a call of its driver failed. The message names the call and the driver's error and,
/// where it is known, says what to do. The CPU's kernels need none of it.</summary>
public sealed class CudaException : Exception
{
    internal CudaException(string message, string call, CudaResult result, string errorName)
        : base(message)
    {
        Call = call;
        Code = (int)result;
        ErrorName = errorName;
    }

    /// <summary>The call, as in <c>cuMemAlloc</c>; empty where none failed, as when there is no driver.</summary>
    public string Call { get; }

    /// <summary>What the driver returned (<c>CUresult</c>); 0 where no call failed.</summary>
    public int Code { get; }

    /// <summary>The driver's name of it, as in <c>CUDA_ERROR_OUT_OF_MEMORY</c>; empty where no call failed.</summary>
    public string ErrorName { get; }
}
