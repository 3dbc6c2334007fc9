using System.ComponentModel;
using Requant.Codecs.Dynamic;

namespace Requant.CompilerServices;

/// <summary><see cref="Codec.Dynamic"/> on the CPU: bitsandbytes' signed dynamic map, the paper's first
/// moment.</summary>
/// <remarks>
/// Block: codes uint8[length], absmax float32[1], the largest magnitude. A block whose absmax is below 2^-126 stores
/// absmax 0 and zero codes. Source: arXiv 2110.02861, section 1.3.
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct DynamicCodec : ICodebookCodec<SignedDynamicMap>;
