using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Requant.Codecs.Blocks;
using Requant.Codecs;

namespace Requant.CompilerServices;

/// <summary><see cref="Codec.SquareRoot"/> on the CPU: (k / 255)^2, FlashOptim's unsigned map.</summary>
/// <remarks>
/// Block: codes uint8[length], absmax float32[1], the largest magnitude (negative values count too, but are stored as
/// 0). A block whose absmax is below 2^-126 stores absmax 0 and zero codes. Source: arXiv 2602.23349.
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct SquareRootCodec : ICodebookCodec<SquareRootMap>;
