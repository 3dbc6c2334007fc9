using System.Runtime.InteropServices;

namespace Requant.Devices.Driver;

/// <content>The functions of the driver's library.</content>
internal sealed unsafe partial class CudaDriver
{
    private readonly Exports _calls;

    /// <summary>Addresses and signatures, as in cuda.h of CUDA 11.8 with its <c>_v2</c> names.</summary>
    private sealed class Exports
    {
        private static readonly string[] Names =
        [
            "cuGetErrorName",
            "cuGetErrorString",
            "cuInit",
            "cuDriverGetVersion",
            "cuDeviceGetCount",
            "cuDeviceGet",
            "cuDeviceGetName",
            "cuDeviceGetAttribute",
            "cuDeviceTotalMem_v2",
            "cuDevicePrimaryCtxRetain",
            "cuDevicePrimaryCtxRelease_v2",
            "cuCtxGetCurrent",
            "cuCtxPushCurrent_v2",
            "cuCtxPopCurrent_v2",
            "cuMemGetInfo_v2",
            "cuModuleLoadDataEx",
            "cuModuleUnload",
            "cuModuleGetFunction",
            "cuFuncGetAttribute",
            "cuMemAlloc_v2",
            "cuMemFree_v2",
            "cuMemAllocHost_v2",
            "cuMemFreeHost",
            "cuMemcpyHtoD_v2",
            "cuMemcpyDtoH_v2",
            "cuMemcpyHtoDAsync_v2",
            "cuMemcpyDtoHAsync_v2",
            "cuMemcpyDtoDAsync_v2",
            "cuMemsetD8Async",
            "cuStreamCreate",
            "cuStreamDestroy_v2",
            "cuStreamSynchronize",
            "cuStreamWaitEvent",
            "cuEventCreate",
            "cuEventDestroy_v2",
            "cuEventRecord",
            "cuEventQuery",
            "cuEventSynchronize",
            "cuEventElapsedTime",
            "cuLaunchKernel",
            "cuStreamIsCapturing",
            "cuStreamBeginCapture_v2",
            "cuStreamEndCapture",
            "cuGraphInstantiateWithFlags",
            "cuGraphLaunch",
            "cuGraphDestroy",
            "cuGraphExecDestroy",
        ];

        public readonly delegate* unmanaged<CudaResult, byte**, CudaResult> GetErrorName;
        public readonly delegate* unmanaged<CudaResult, byte**, CudaResult> GetErrorString;
        public readonly delegate* unmanaged<uint, CudaResult> Init;
        public readonly delegate* unmanaged<int*, CudaResult> DriverGetVersion;
        public readonly delegate* unmanaged<int*, CudaResult> DeviceGetCount;
        public readonly delegate* unmanaged<int*, int, CudaResult> DeviceGet;
        public readonly delegate* unmanaged<byte*, int, int, CudaResult> DeviceGetName;
        public readonly delegate* unmanaged<int*, CudaDeviceAttribute, int, CudaResult> DeviceGetAttribute;
        public readonly delegate* unmanaged<nuint*, int, CudaResult> DeviceTotalMem;
        public readonly delegate* unmanaged<nint*, int, CudaResult> DevicePrimaryCtxRetain;
        public readonly delegate* unmanaged<int, CudaResult> DevicePrimaryCtxRelease;
        public readonly delegate* unmanaged<nint*, CudaResult> CtxGetCurrent;
        public readonly delegate* unmanaged<nint, CudaResult> CtxPushCurrent;
        public readonly delegate* unmanaged<nint*, CudaResult> CtxPopCurrent;
        public readonly delegate* unmanaged<nuint*, nuint*, CudaResult> MemGetInfo;
        public readonly delegate* unmanaged<nint*, void*, uint, int*, void**, CudaResult> ModuleLoadDataEx;
        public readonly delegate* unmanaged<nint, CudaResult> ModuleUnload;
        public readonly delegate* unmanaged<nint*, nint, byte*, CudaResult> ModuleGetFunction;
        public readonly delegate* unmanaged<int*, CudaFunctionAttribute, nint, CudaResult> FuncGetAttribute;
        public readonly delegate* unmanaged<ulong*, nuint, CudaResult> MemAlloc;
        public readonly delegate* unmanaged<ulong, CudaResult> MemFree;
        public readonly delegate* unmanaged<void**, nuint, CudaResult> MemAllocHost;
        public readonly delegate* unmanaged<void*, CudaResult> MemFreeHost;
        public readonly delegate* unmanaged<ulong, void*, nuint, CudaResult> MemcpyHtoD;
        public readonly delegate* unmanaged<void*, ulong, nuint, CudaResult> MemcpyDtoH;
        public readonly delegate* unmanaged<ulong, void*, nuint, nint, CudaResult> MemcpyHtoDAsync;
        public readonly delegate* unmanaged<void*, ulong, nuint, nint, CudaResult> MemcpyDtoHAsync;
        public readonly delegate* unmanaged<ulong, ulong, nuint, nint, CudaResult> MemcpyDtoDAsync;
        public readonly delegate* unmanaged<ulong, byte, nuint, nint, CudaResult> MemsetD8Async;
        public readonly delegate* unmanaged<nint*, uint, CudaResult> StreamCreate;
        public readonly delegate* unmanaged<nint, CudaResult> StreamDestroy;
        public readonly delegate* unmanaged<nint, CudaResult> StreamSynchronize;
        public readonly delegate* unmanaged<nint, nint, uint, CudaResult> StreamWaitEvent;
        public readonly delegate* unmanaged<nint*, uint, CudaResult> EventCreate;
        public readonly delegate* unmanaged<nint, CudaResult> EventDestroy;
        public readonly delegate* unmanaged<nint, nint, CudaResult> EventRecord;
        public readonly delegate* unmanaged<nint, CudaResult> EventQuery;
        public readonly delegate* unmanaged<nint, CudaResult> EventSynchronize;
        public readonly delegate* unmanaged<float*, nint, nint, CudaResult> EventElapsedTime;
        public readonly delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**,
            CudaResult> LaunchKernel;
        public readonly delegate* unmanaged<nint, CudaCaptureStatus*, CudaResult> StreamIsCapturing;
        public readonly delegate* unmanaged<nint, CudaCaptureMode, CudaResult> StreamBeginCapture;
        public readonly delegate* unmanaged<nint, nint*, CudaResult> StreamEndCapture;
        public readonly delegate* unmanaged<nint*, nint, ulong, CudaResult> GraphInstantiate;
        public readonly delegate* unmanaged<nint, nint, CudaResult> GraphLaunch;
        public readonly delegate* unmanaged<nint, CudaResult> GraphDestroy;
        public readonly delegate* unmanaged<nint, CudaResult> GraphExecDestroy;

        public Exports(nint library)
        {
            GetErrorName =
                (delegate* unmanaged<CudaResult, byte**, CudaResult>)NativeLibrary.GetExport(library, "cuGetErrorName");
            GetErrorString = (delegate* unmanaged<CudaResult, byte**, CudaResult>)NativeLibrary.GetExport(
                library, "cuGetErrorString");
            Init = (delegate* unmanaged<uint, CudaResult>)NativeLibrary.GetExport(library, "cuInit");
            DriverGetVersion = (delegate* unmanaged<int*, CudaResult>)NativeLibrary.GetExport(
                library, "cuDriverGetVersion");
            DeviceGetCount =
                (delegate* unmanaged<int*, CudaResult>)NativeLibrary.GetExport(library, "cuDeviceGetCount");
            DeviceGet = (delegate* unmanaged<int*, int, CudaResult>)NativeLibrary.GetExport(library, "cuDeviceGet");
            DeviceGetName =
                (delegate* unmanaged<byte*, int, int, CudaResult>)NativeLibrary.GetExport(library, "cuDeviceGetName");
            DeviceGetAttribute =
                (delegate* unmanaged<int*, CudaDeviceAttribute, int, CudaResult>)NativeLibrary.GetExport(
                    library, "cuDeviceGetAttribute");
            DeviceTotalMem = (delegate* unmanaged<nuint*, int, CudaResult>)NativeLibrary.GetExport(
                library, "cuDeviceTotalMem_v2");
            DevicePrimaryCtxRetain = (delegate* unmanaged<nint*, int, CudaResult>)NativeLibrary.GetExport(
                library, "cuDevicePrimaryCtxRetain");
            DevicePrimaryCtxRelease = (delegate* unmanaged<int, CudaResult>)NativeLibrary.GetExport(
                library, "cuDevicePrimaryCtxRelease_v2");
            CtxGetCurrent = (delegate* unmanaged<nint*, CudaResult>)NativeLibrary.GetExport(library, "cuCtxGetCurrent");
            CtxPushCurrent = (delegate* unmanaged<nint, CudaResult>)NativeLibrary.GetExport(
                library, "cuCtxPushCurrent_v2");
            CtxPopCurrent = (delegate* unmanaged<nint*, CudaResult>)NativeLibrary.GetExport(
                library, "cuCtxPopCurrent_v2");
            MemGetInfo =
                (delegate* unmanaged<nuint*, nuint*, CudaResult>)NativeLibrary.GetExport(library, "cuMemGetInfo_v2");
            ModuleLoadDataEx =
                (delegate* unmanaged<nint*, void*, uint, int*, void**, CudaResult>)NativeLibrary.GetExport(
                    library, "cuModuleLoadDataEx");
            ModuleUnload = (delegate* unmanaged<nint, CudaResult>)NativeLibrary.GetExport(library, "cuModuleUnload");
            ModuleGetFunction = (delegate* unmanaged<nint*, nint, byte*, CudaResult>)NativeLibrary.GetExport(
                library, "cuModuleGetFunction");
            FuncGetAttribute =
                (delegate* unmanaged<int*, CudaFunctionAttribute, nint, CudaResult>)NativeLibrary.GetExport(
                    library, "cuFuncGetAttribute");
            MemAlloc =
                (delegate* unmanaged<ulong*, nuint, CudaResult>)NativeLibrary.GetExport(library, "cuMemAlloc_v2");
            MemFree = (delegate* unmanaged<ulong, CudaResult>)NativeLibrary.GetExport(library, "cuMemFree_v2");
            MemAllocHost = (delegate* unmanaged<void**, nuint, CudaResult>)NativeLibrary.GetExport(
                library, "cuMemAllocHost_v2");
            MemFreeHost = (delegate* unmanaged<void*, CudaResult>)NativeLibrary.GetExport(library, "cuMemFreeHost");
            MemcpyHtoD = (delegate* unmanaged<ulong, void*, nuint, CudaResult>)NativeLibrary.GetExport(
                library, "cuMemcpyHtoD_v2");
            MemcpyDtoH = (delegate* unmanaged<void*, ulong, nuint, CudaResult>)NativeLibrary.GetExport(
                library, "cuMemcpyDtoH_v2");
            MemcpyHtoDAsync = (delegate* unmanaged<ulong, void*, nuint, nint, CudaResult>)NativeLibrary.GetExport(
                library, "cuMemcpyHtoDAsync_v2");
            MemcpyDtoHAsync = (delegate* unmanaged<void*, ulong, nuint, nint, CudaResult>)NativeLibrary.GetExport(
                library, "cuMemcpyDtoHAsync_v2");
            MemcpyDtoDAsync = (delegate* unmanaged<ulong, ulong, nuint, nint, CudaResult>)NativeLibrary.GetExport(
                library, "cuMemcpyDtoDAsync_v2");
            MemsetD8Async = (delegate* unmanaged<ulong, byte, nuint, nint, CudaResult>)NativeLibrary.GetExport(
                library, "cuMemsetD8Async");
            StreamCreate =
                (delegate* unmanaged<nint*, uint, CudaResult>)NativeLibrary.GetExport(library, "cuStreamCreate");
            StreamDestroy = (delegate* unmanaged<nint, CudaResult>)NativeLibrary.GetExport(
                library, "cuStreamDestroy_v2");
            StreamSynchronize = (delegate* unmanaged<nint, CudaResult>)NativeLibrary.GetExport(
                library, "cuStreamSynchronize");
            StreamWaitEvent = (delegate* unmanaged<nint, nint, uint, CudaResult>)NativeLibrary.GetExport(
                library, "cuStreamWaitEvent");
            EventCreate =
                (delegate* unmanaged<nint*, uint, CudaResult>)NativeLibrary.GetExport(library, "cuEventCreate");
            EventDestroy = (delegate* unmanaged<nint, CudaResult>)NativeLibrary.GetExport(library, "cuEventDestroy_v2");
            EventRecord =
                (delegate* unmanaged<nint, nint, CudaResult>)NativeLibrary.GetExport(library, "cuEventRecord");
            EventQuery = (delegate* unmanaged<nint, CudaResult>)NativeLibrary.GetExport(library, "cuEventQuery");
            EventSynchronize = (delegate* unmanaged<nint, CudaResult>)NativeLibrary.GetExport(
                library, "cuEventSynchronize");
            EventElapsedTime = (delegate* unmanaged<float*, nint, nint, CudaResult>)NativeLibrary.GetExport(
                library, "cuEventElapsedTime");
            LaunchKernel = (delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**,
                CudaResult>)NativeLibrary.GetExport(library, "cuLaunchKernel");
            StreamIsCapturing = (delegate* unmanaged<nint, CudaCaptureStatus*, CudaResult>)NativeLibrary.GetExport(
                library, "cuStreamIsCapturing");
            StreamBeginCapture = (delegate* unmanaged<nint, CudaCaptureMode, CudaResult>)NativeLibrary.GetExport(
                library, "cuStreamBeginCapture_v2");
            StreamEndCapture = (delegate* unmanaged<nint, nint*, CudaResult>)NativeLibrary.GetExport(
                library, "cuStreamEndCapture");
            GraphInstantiate = (delegate* unmanaged<nint*, nint, ulong, CudaResult>)NativeLibrary.GetExport(
                library, "cuGraphInstantiateWithFlags");
            GraphLaunch =
                (delegate* unmanaged<nint, nint, CudaResult>)NativeLibrary.GetExport(library, "cuGraphLaunch");
            GraphDestroy = (delegate* unmanaged<nint, CudaResult>)NativeLibrary.GetExport(library, "cuGraphDestroy");
            GraphExecDestroy = (delegate* unmanaged<nint, CudaResult>)NativeLibrary.GetExport(
                library, "cuGraphExecDestroy");
        }

        /// <summary>The first function that a library lacks, or null.</summary>
        public static string? Missing(nint library) =>
            Array.Find(Names, name => !NativeLibrary.TryGetExport(library, name, out _));
    }
}
