using System.Runtime.InteropServices;

namespace Requant.Runtime.Tests.Codecs;

/// <summary>The reference files of tests/Data, little-endian.</summary>
internal static class ReferenceData
{
    public static byte[] Bytes(string name) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Data", name));

    public static float[] Floats(string name) => MemoryMarshal.Cast<byte, float>(Bytes(name)).ToArray();

    /// <summary>float32[256], the map of one of the dynamic codecs.</summary>
    public static float[] Map(Codec codec) =>
        codec == Codec.Dynamic ? Floats("maps.bin")[..256] : Floats("maps.bin")[256..];
}
