using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Requant.Codecs.Blocks;
using Requant.Codecs;

namespace Requant.CompilerServices;

/// <summary><see cref="Codec.Linear"/> on the CPU: (k - 127) / 127, evenly spaced, the ablation of arXiv
/// 2110.02861.</summary>
/// <remarks>
/// Block: codes uint8[length] from 0 to 254, absmax float32[1], the largest magnitude. A block whose absmax is below
/// 2^-126 stores absmax 0 and zero codes.
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct LinearCodec : ICodebookCodec<LinearMap>;
