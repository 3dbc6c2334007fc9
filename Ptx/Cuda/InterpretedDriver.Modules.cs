using System.Collections.Concurrent;
using Requant.Devices.Driver;

namespace Requant.Ptx.Cuda;

/// <content>Modules, functions and launches.</content>
internal sealed unsafe partial class InterpretedDriver
{
    private const int MostThreads = 1024;

    /// <summary>Texts are few and long to parse, and drivers are many. What is parsed is large, and goes with
    /// its last user.</summary>
    private static readonly ConcurrentDictionary<string, WeakReference<PtxModule>> Parsed = new(StringComparer.Ordinal);

    private readonly List<InterpretedLaunch> _launches = [];

    /// <summary>Launches in the order in which they ran; those that failed are not among them.</summary>
    public IReadOnlyList<InterpretedLaunch> Launches => _launches;

    /// <summary>Modules that are loaded.</summary>
    public int ModuleCount => _handles.Values.OfType<ModuleHandle>().Count();

    public CudaResult LoadModule(string ptx, out nint module, out string errorLog, out string infoLog)
    {
        lock (_gate)
        {
            module = 0;
            errorLog = "";
            infoLog = "";
            if (Refuse("cuModuleLoadDataEx", Needs.Context | Needs.NoCapture) is CudaResult refused)
            {
                return refused;
            }

            PtxModule parsed;
            try
            {
                parsed = Parse(ptx);
            }
            catch (PtxException failure)
            {
                errorLog = failure.Message;
                return CudaResult.InvalidPtx;
            }

            if (Version.Parse(parsed.Version) > NewestPtx)
            {
                errorLog = $"Unsupported .version {parsed.Version}; current version is '{NewestPtx}'";
                return CudaResult.UnsupportedPtxVersion;
            }

            if (CapabilityOf(parsed.Target) > Devices[(int)(Current - FirstContext)].Capability)
            {
                errorLog =
                    $"SM version specified by .target is higher than default SM version assumed: {parsed.Target}";
                return CudaResult.NoBinaryForGpu;
            }

            module = Add(new ModuleHandle(Current, parsed));
            infoLog = $"{parsed.Kernels.Count} entries";
            return CudaResult.Success;
        }
    }

    public CudaResult UnloadModule(nint module)
    {
        lock (_gate)
        {
            if (Refuse("cuModuleUnload", Needs.Context | Needs.NoCapture) is CudaResult refused)
            {
                return refused;
            }

            CudaResult drained = DrainAll();
            foreach ((nint handle, Handle value) in _handles.ToArray())
            {
                if (value is FunctionHandle function && function.Module == module)
                {
                    _handles.Remove(handle);
                }
            }

            CudaResult result = Remove<ModuleHandle>(module);
            return drained == CudaResult.Success ? result : drained;
        }
    }

    public CudaResult GetFunction(nint module, string name, out nint function)
    {
        lock (_gate)
        {
            function = 0;
            if (Refuse("cuModuleGetFunction", Needs.Context) is CudaResult refused)
            {
                return refused;
            }

            if (Find<ModuleHandle>(module) is not ModuleHandle found)
            {
                return CudaResult.InvalidHandle;
            }

            if (found.Module.Kernels.FirstOrDefault(one => one.Name == name) is not PtxKernel kernel)
            {
                return CudaResult.NotFound;
            }

            function = Add(new FunctionHandle(Current, module, kernel));
            return CudaResult.Success;
        }
    }

    /// <summary>Registers are unknown to the interpreter and are said to be 0.</summary>
    public CudaResult GetFunctionAttribute(nint function, CudaFunctionAttribute attribute, out int value)
    {
        lock (_gate)
        {
            value = 0;
            if (Refuse("cuFuncGetAttribute", Needs.Context) is CudaResult refused)
            {
                return refused;
            }

            if (Find<FunctionHandle>(function) is not FunctionHandle found)
            {
                return CudaResult.InvalidHandle;
            }

            value = attribute switch
            {
                CudaFunctionAttribute.MaxThreadsPerBlock => MostThreadsOf(found.Kernel),
                CudaFunctionAttribute.SharedBytes => found.Kernel.SharedBytes,
                CudaFunctionAttribute.LocalBytes => found.Kernel.LocalBytes,
                _ => 0,
            };
            return CudaResult.Success;
        }
    }

    public CudaResult Launch(nint function, int groups, int groupSize, int sharedBytes, nint stream, void** arguments)
    {
        lock (_gate)
        {
            if (Refuse("cuLaunchKernel", Needs.Context) is CudaResult refused)
            {
                return refused;
            }

            if (Find<FunctionHandle>(function) is not FunctionHandle found
                || FindStream(stream) is not StreamHandle queue)
            {
                return CudaResult.InvalidHandle;
            }

            PtxKernel kernel = found.Kernel;
            if (groups < 1 || groupSize < 1 || groupSize > MostThreadsOf(kernel) || sharedBytes != 0
                || ReadArguments(kernel, arguments) is not byte[][] bytes)
            {
                return CudaResult.InvalidValue;
            }

            if (IsNull)
            {
                return CudaResult.Success;
            }

            var grid = new PtxGrid(groups, groupSize) { Order = Order };
            return Enqueue(queue, () => _launches.Add(
                new InterpretedLaunch(kernel.Name, groups, groupSize, kernel.Run(grid, Memory, bytes))));
        }
    }

    /// <summary>A text, parsed once as long as the result is in use.</summary>
    /// <exception cref="PtxException">As from <see cref="PtxModule.Parse"/>.</exception>
    internal static PtxModule Parse(string ptx)
    {
        if (Parsed.TryGetValue(ptx, out WeakReference<PtxModule>? known) && known.TryGetTarget(out PtxModule? module))
        {
            return module;
        }

        module = PtxModule.Parse(ptx);
        Parsed[ptx] = new WeakReference<PtxModule>(module);
        return module;
    }

    private static byte[][]? ReadArguments(PtxKernel kernel, void** arguments)
    {
        var bytes = new byte[kernel.ParameterBytes.Count][];
        for (int i = 0; i < bytes.Length; i++)
        {
            if (arguments is null || arguments[i] is null)
            {
                return null;
            }

            bytes[i] = new ReadOnlySpan<byte>(arguments[i], kernel.ParameterBytes[i]).ToArray();
        }

        return bytes;
    }

    private static int MostThreadsOf(PtxKernel kernel) => kernel.MaxThreads > 0 ? kernel.MaxThreads : MostThreads;

    private static Version CapabilityOf(string target)
    {
        string number = target["sm_".Length..].TrimEnd('a', 'f');
        return Version.Parse($"{number[..^1]}.{number[^1]}");
    }
}
