using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using System.Runtime.Intrinsics;
using Requant.Codecs.Blocks;
using Requant.Codecs;

namespace Requant.CompilerServices;

/// <summary><see cref="Codec.Float8E4M3"/> on the CPU: the finite values of the 8-bit float format
/// e4m3 over 448.</summary>
/// <remarks>
/// Block: codes uint8[length] from 0 to 252, in the order of the values and not the format's own bits; absmax
/// float32[1], the largest magnitude. A block whose absmax is below 2^-126 stores absmax 0 and zero codes. Source of
/// the format: arXiv 2209.05433.
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct Float8E4M3Codec : ICodebookCodec<Float8E4M3Map>;
