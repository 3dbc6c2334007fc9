using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Requant.Codecs.Blocks;
using Requant.Codecs;

namespace Requant.CompilerServices;

/// <summary><see cref="Codec.SoftSign"/> on the CPU: y / (2 - |y|) of evenly spaced y,
/// FlashOptim's signed map.</summary>
/// <remarks>
/// Block: codes uint8[length] from 0 to 254, absmax float32[1], the largest magnitude. A block whose absmax is below
/// 2^-126 stores absmax 0 and zero codes. Source: arXiv 2602.23349.
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct SoftSignCodec : ICodebookCodec<SoftSignMap>;
