using System.Runtime.InteropServices;
using TorchSharp;

namespace Requant.Bench.TorchTensors;

/// <summary>Loads a libtorch from a folder, before TorchSharp looks for one.</summary>
internal static class LibTorchFolder
{
    /// <summary>In the order in which they need each other; those of CUDA are missing from a libtorch for the
    /// CPU.</summary>
    private static readonly (string Name, bool IsRequired)[] Libraries =
    [
        ("libc10.so", true), ("libtorch_cpu.so", true), ("libc10_cuda.so", false), ("libtorch_cuda.so", false),
        ("libtorch.so", true),
    ];

    /// <summary>Loads what is there.</summary>
    /// <param name="folder">Where the libraries are.</param>
    /// <param name="output">Gets a line for each.</param>
    /// <returns>What is wrong, or null.</returns>
    public static string? Load(string folder, TextWriter output)
    {
        foreach ((string name, bool isRequired) in Libraries)
        {
            string file = Path.Combine(folder, name);
            try
            {
                NativeLibrary.Load(file);
                output.WriteLine($"loaded {name}");
            }
            catch (DllNotFoundException exception)
            {
                if (isRequired)
                {
                    return $"{name} does not load from {folder}: {exception.Message}";
                }

                output.WriteLine(
                    File.Exists(file) ? $"not loaded: {exception.Message}" : $"not there: {name}, so no CUDA");
            }
        }

        try
        {
            torch.InitializeDeviceType(DeviceType.CPU);
            output.WriteLine($"libtorch {torch.__version__} as TorchSharp has it");
            return null;
        }
        catch (Exception exception) when (exception is NotSupportedException or TypeInitializationException
            or DllNotFoundException or EntryPointNotFoundException)
        {
            return $"TorchSharp cannot use it: {exception.Message}";
        }
    }
}
