namespace Requant.Generator.Support;

/// <summary>Types that generated kernels name without a namespace, so that they can be read: by aliases that come
/// before any name of the project. Local variables leave their names free.</summary>
internal static class KernelTypes
{
    public static readonly IReadOnlyList<string> FullNames =
    [
        "ILGPU.IntrinsicMath",
        "Requant.CompilerServices.BlockMax",
        "Requant.CompilerServices.BlockRange",
        "Requant.CompilerServices.BlockSum",
        "Requant.CompilerServices.CachePrefetch",
        "Requant.CompilerServices.DeviceBlockLines",
        "Requant.CompilerServices.DeviceFold",
        "Requant.CompilerServices.DeviceGrid",
        "Requant.CompilerServices.DeviceLineField",
        "Requant.CompilerServices.DeviceLineReduction",
        "Requant.CompilerServices.DeviceLines",
        "Requant.CompilerServices.DeviceMath",
        "Requant.CompilerServices.DeviceMaxFold",
        "Requant.CompilerServices.DevicePrefetch",
        "Requant.CompilerServices.DeviceReduction",
        "Requant.CompilerServices.DeviceRowSegment",
        "Requant.CompilerServices.DeviceState",
        "Requant.CompilerServices.DeviceStrip",
        "Requant.CompilerServices.DeviceTable",
        "Requant.CompilerServices.DeviceTensor",
        "Requant.CompilerServices.DeviceWarp",
        "Requant.CompilerServices.ElementMath",
        "Requant.CompilerServices.Float32x8",
        "Requant.CompilerServices.Gradients",
        "Requant.CompilerServices.IDeviceCodec",
        "Requant.CompilerServices.IDeviceElementType",
        "Requant.CompilerServices.IStateCodec",
        "Requant.CompilerServices.KernelArguments",
        "Requant.CompilerServices.LargestMagnitude",
        "Requant.CompilerServices.LaunchParameters",
        "Requant.CompilerServices.StateBlock",
        "System.MathF",
        "System.Runtime.CompilerServices.MethodImplOptions",
        "System.Runtime.CompilerServices.Unsafe",
        "System.Runtime.Intrinsics.Vector128",
        "System.Runtime.Intrinsics.Vector256",
        "System.Runtime.Intrinsics.Vector512",
    ];

    /// <summary>Generic types, which no alias can stand for.</summary>
    public static readonly IReadOnlyList<(string Namespace, string Name)> Generic =
    [
        ("System.Runtime.Intrinsics", "Vector128"),
        ("System.Runtime.Intrinsics", "Vector256"),
        ("System.Runtime.Intrinsics", "Vector512"),
    ];

    public static IEnumerable<string> SimpleNames => FullNames.Select(SimpleName);

    public static string SimpleName(string fullName) => fullName.Substring(fullName.LastIndexOf('.') + 1);
}
