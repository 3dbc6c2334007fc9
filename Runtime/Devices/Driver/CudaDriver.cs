using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text;

namespace Requant.Devices.Driver;

/// <summary>The driver of this machine. It is loaded when it is first asked for and stays until the
/// process ends.</summary>
internal sealed unsafe partial class CudaDriver : ICudaDriver
{
    private static readonly Lazy<(ICudaDriver? Driver, string? Reason)> Own = new(
        () => TryLoad(LibraryName, out ICudaDriver? driver, out string? reason) ? (driver, null) : (null, reason));

    private CudaDriver(nint library) => _calls = new Exports(library);

    /// <summary>The file that the driver's installation brings.</summary>
    public static string LibraryName => OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1";

    /// <summary>Finds the driver; does not start it.</summary>
    /// <param name="driver">The driver, the same each time.</param>
    /// <param name="reason">Why there is none, as a clause without full stop.</param>
    public static bool TryLoad([NotNullWhen(true)] out ICudaDriver? driver, [NotNullWhen(false)] out string? reason)
    {
        (driver, reason) = Own.Value;
        return driver is not null;
    }

    /// <summary>Finds the driver in a library.</summary>
    internal static bool TryLoad(
        string libraryName, [NotNullWhen(true)] out ICudaDriver? driver, [NotNullWhen(false)] out string? reason)
    {
        driver = null;
        if (OperatingSystem.IsMacOS())
        {
            reason = "there is no CUDA driver for macOS";
        }
        else if (!NativeLibrary.TryLoad(libraryName, out nint library))
        {
            reason = $"{libraryName} cannot be loaded, so there is no NVIDIA driver";
        }
        else if (Exports.Missing(library) is string missing)
        {
            NativeLibrary.Free(library);
            reason = $"{libraryName} has no function {missing}, so it is no driver for CUDA "
                + $"{CudaRemedy.OldestCuda} or newer";
        }
        else
        {
            driver = new CudaDriver(library);
            reason = null;
            return true;
        }

        return false;
    }

    private static string Text(byte* text) => text is null ? "" : Marshal.PtrToStringUTF8((nint)text)!;

    private static byte[] Terminated(string text) => [.. Encoding.UTF8.GetBytes(text), 0];
}
