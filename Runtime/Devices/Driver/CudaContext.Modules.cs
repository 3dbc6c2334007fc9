using System.Security.Cryptography;
using System.Text;

namespace Requant.Devices.Driver;

/// <content>Modules and launches.</content>
internal sealed unsafe partial class CudaContext
{
    private readonly Dictionary<string, nint> _modules = new(StringComparer.Ordinal);
    private readonly Dictionary<(nint Module, string Name), CudaFunction> _functions = [];

    /// <summary>A function of a PTX text, whose module is loaded when it is first asked for and stays.</summary>
    /// <param name="ptx">The text.</param>
    /// <param name="name">Name of the entry.</param>
    /// <exception cref="CudaException">The text does not load, and the message has the assembler's log; or it has no
    /// such entry.</exception>
    public CudaFunction LoadFunction(string ptx, string name)
    {
        string hash = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(ptx)));
        lock (_modules)
        {
            if (!_modules.TryGetValue(hash, out nint module))
            {
                module = LoadModule(ptx, name);
                _modules.Add(hash, module);
            }

            if (!_functions.TryGetValue((module, name), out CudaFunction? function))
            {
                function = FindFunction(module, name);
                _functions.Add((module, name), function);
            }

            return function;
        }
    }

    /// <summary>Launches a function; returns before it has run.</summary>
    /// <param name="function">From <see cref="LoadFunction"/>.</param>
    /// <param name="groups">Groups, at least 1.</param>
    /// <param name="groupSize">Threads of a group.</param>
    /// <param name="stream">Where it waits for its turn.</param>
    /// <param name="arguments">A pointer to each parameter's bytes; they are copied before this returns.</param>
    /// <param name="sharedBytes">Dynamic shared memory of a group.</param>
    /// <exception cref="CudaException">The launch, or work before it, fails.</exception>
    public void Launch(
        CudaFunction function, int groups, int groupSize, nint stream, void** arguments, int sharedBytes = 0)
    {
        using Scope scope = Enter();
        CudaResult result = Driver.Launch(function.Handle, groups, groupSize, sharedBytes, stream, arguments);
        if (result != CudaResult.Success)
        {
            throw CudaErrors.Create(
                Driver, "cuLaunchKernel", result,
                $"It was to launch {function.Name} in {groups} groups of {groupSize} threads with {function.Registers} "
                + $"registers each.");
        }
    }

    private nint LoadModule(string ptx, string name)
    {
        using Scope scope = Enter();
        CudaResult result = Driver.LoadModule(ptx, out nint module, out string errorLog, out _);
        if (result == CudaResult.Success)
        {
            return module;
        }

        string detail = $"It was to load {name} for {Device.Name} with a driver for CUDA {Cuda}.";
        throw CudaErrors.Create(
            Driver, "cuModuleLoadDataEx", result,
            errorLog.Length == 0 ? detail : $"{detail} The log: {errorLog.TrimEnd('.')}.");
    }

    private CudaFunction FindFunction(nint module, string name)
    {
        using Scope scope = Enter();
        Require(Driver.GetFunction(module, name, out nint handle), "cuModuleGetFunction", $"The function is {name}.");
        return new CudaFunction(
            handle, name, Attribute(CudaFunctionAttribute.Registers), Attribute(CudaFunctionAttribute.LocalBytes),
            Attribute(CudaFunctionAttribute.SharedBytes), Attribute(CudaFunctionAttribute.MaxThreadsPerBlock));

        int Attribute(CudaFunctionAttribute attribute)
        {
            Require(
                Driver.GetFunctionAttribute(handle, attribute, out int value), "cuFuncGetAttribute",
                $"The function is {name}.");
            return value;
        }
    }
}

/// <summary>A function that can be launched.</summary>
/// <param name="Handle">The driver's handle.</param>
/// <param name="Name">Name of the entry.</param>
/// <param name="Registers">Registers of a thread.</param>
/// <param name="LocalBytes">Local memory of a thread; not 0 where registers are spilled.</param>
/// <param name="SharedBytes">Shared memory of a group.</param>
/// <param name="MaxGroupSize">Threads that a group may have.</param>
internal sealed record CudaFunction(
    nint Handle, string Name, int Registers, int LocalBytes, int SharedBytes, int MaxGroupSize);
