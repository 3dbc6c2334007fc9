namespace Requant.Devices.Driver;

/// <summary>Makes exceptions of what the driver returns.</summary>
internal static class CudaErrors
{
    /// <summary>There is no usable driver.</summary>
    /// <param name="reason">From <see cref="CudaDriver.TryLoad(out ICudaDriver?, out string?)"/>.</param>
    public static CudaException NoDriver(string reason) =>
        Create($"CUDA cannot be used: {reason}. {CudaRemedy.NoDriver}");

    /// <summary>A condition that no call reports.</summary>
    public static CudaException Create(string message) => new(message, "", CudaResult.Success, "");

    /// <summary>A call that failed.</summary>
    /// <param name="driver">Names the error.</param>
    /// <param name="call">As in <c>cuMemAlloc</c>.</param>
    /// <param name="result">What it returned.</param>
    /// <param name="detail">What more is known, as a sentence, or null.</param>
    /// <param name="remedy">What to do; null for what is known of the result.</param>
    public static CudaException Create(
        ICudaDriver driver, string call, CudaResult result, string? detail = null, string? remedy = null)
    {
        string name = driver.GetErrorName(result);
        string text = driver.GetErrorText(result);
        string description = text.Length == 0 ? name : $"{name} ({text.TrimEnd('.')})";
        string[] sentences =
            [$"{call} failed with {description}.", detail ?? "", remedy ?? CudaRemedy.For(result) ?? ""];
        return new CudaException(
            string.Join(' ', sentences.Where(sentence => sentence.Length > 0)), call, result, name);
    }

    /// <summary>Throws unless a call succeeded.</summary>
    public static void Require(ICudaDriver driver, CudaResult result, string call, string? detail = null)
    {
        if (result != CudaResult.Success)
        {
            throw Create(driver, call, result, detail);
        }
    }
}
