using System.ComponentModel;
using Requant.Codecs.MiniFloats;
using Requant.Codecs;

namespace Requant.CompilerServices;

/// <summary><see cref="Codec.MiniFloat"/> on the CPU: floats of 8 bits with a sign, for first moments.</summary>
/// <remarks>
/// Block: codes uint8[length], a sign and a magnitude of <see cref="MiniFloatFormat"/>; absmax float32[1], the largest
/// magnitude. A block whose absmax is below 2^-126 stores absmax 0 and zero codes.
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct MiniFloatCodec : ICodebookCodec<MiniFloatMap>;

/// <summary><see cref="Codec.MiniFloatUnsigned"/> on the CPU: floats of 8 bits without a sign, for
/// second moments.</summary>
/// <remarks>
/// Block: codes uint8[length], magnitudes of <see cref="MiniFloatFormat"/>; absmax float32[1], the largest magnitude
/// (negative values count too, but are stored as 0). A block whose absmax is below 2^-126 stores absmax 0
/// and zero codes.
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct MiniFloatUnsignedCodec : ICodebookCodec<MiniFloatUnsignedMap>;
