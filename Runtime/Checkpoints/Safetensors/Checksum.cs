using System.Globalization;
using System.IO.Hashing;

namespace Requant.Checkpoints.Safetensors;

/// <summary>XXH128, seed 0, as 32 hexadecimal digits: the canonical, big-endian form.</summary>
internal static class Checksum
{
    public static string Of(XxHash128 hash) =>
        hash.GetCurrentHashAsUInt128().ToString("x32", CultureInfo.InvariantCulture);

    public static void Format(UInt128 hash, Span<byte> digits) =>
        hash.TryFormat(digits, out _, "x32", CultureInfo.InvariantCulture);
}
