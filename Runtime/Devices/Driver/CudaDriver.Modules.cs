namespace Requant.Devices.Driver;

/// <content>Modules and their functions.</content>
internal sealed unsafe partial class CudaDriver
{
    private const int LogBytes = 16 * 1024;

    /// <summary>Options of the assembler (<c>CUjit_option</c>).</summary>
    private enum JitOption
    {
        InfoLogBuffer = 3,
        InfoLogBytes = 4,
        ErrorLogBuffer = 5,
        ErrorLogBytes = 6,
    }

    public CudaResult LoadModule(string ptx, out nint module, out string errorLog, out string infoLog)
    {
        // Zeroed, so that logs end even where nothing is written.
        var errors = new byte[LogBytes + 1];
        var infos = new byte[LogBytes + 1];
        fixed (nint* modulePointer = &module)
        fixed (byte* image = Terminated(ptx), errorBuffer = errors, infoBuffer = infos)
        {
            const int OptionCount = 4;
            int* options = stackalloc int[OptionCount]
            {
                (int)JitOption.InfoLogBuffer, (int)JitOption.InfoLogBytes, (int)JitOption.ErrorLogBuffer,
                (int)JitOption.ErrorLogBytes,
            };
            void** values = stackalloc void*[OptionCount];
            values[0] = infoBuffer;
            values[1] = (void*)LogBytes;
            values[2] = errorBuffer;
            values[3] = (void*)LogBytes;
            CudaResult result = _calls.ModuleLoadDataEx(modulePointer, image, OptionCount, options, values);
            errorLog = Text(errorBuffer).Trim();
            infoLog = Text(infoBuffer).Trim();
            return result;
        }
    }

    public CudaResult UnloadModule(nint module) => _calls.ModuleUnload(module);

    public CudaResult GetFunction(nint module, string name, out nint function)
    {
        fixed (nint* pointer = &function)
        fixed (byte* text = Terminated(name))
        {
            return _calls.ModuleGetFunction(pointer, module, text);
        }
    }

    public CudaResult GetFunctionAttribute(nint function, CudaFunctionAttribute attribute, out int value)
    {
        fixed (int* pointer = &value)
        {
            return _calls.FuncGetAttribute(pointer, attribute, function);
        }
    }
}
