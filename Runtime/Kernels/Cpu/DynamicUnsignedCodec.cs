using System.ComponentModel;
using Requant.Codecs.Dynamic;

namespace Requant.CompilerServices;

/// <summary><see cref="Codec.DynamicUnsigned"/> on the CPU: bitsandbytes' unsigned dynamic map, the paper's
/// second moment.</summary>
/// <remarks>
/// Block: codes uint8[length], absmax float32[1], the largest magnitude (negative values count too, so that all
/// backends take the same maximum, but are stored as 0). A block whose absmax is below 2^-126 stores absmax 0 and zero
/// codes. Source: arXiv 2110.02861, section 2.2.
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct DynamicUnsignedCodec : ICodebookCodec<UnsignedDynamicMap>;
