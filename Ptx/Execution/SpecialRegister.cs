using Requant.Ptx.Syntax;

namespace Requant.Ptx.Execution;

/// <summary>A register that the hardware sets.</summary>
/// <param name="Name">With its percent sign.</param>
/// <param name="Read">Its value in a lane.</param>
internal sealed record SpecialRegister(string Name, Func<Warp, int, uint> Read)
{
    private static readonly Dictionary<string, SpecialRegister> ByName = new SpecialRegister[]
    {
        new("%tid.x", (warp, lane) => (uint)((warp.Index * Warp.Lanes) + lane)),
        new("%tid.y", (_, _) => 0),
        new("%tid.z", (_, _) => 0),
        new("%ntid.x", (warp, _) => (uint)warp.Launch.Grid.ThreadsPerBlock),
        new("%ntid.y", (_, _) => 1),
        new("%ntid.z", (_, _) => 1),
        new("%ctaid.x", (warp, _) => (uint)warp.Block.Index),
        new("%ctaid.y", (_, _) => 0),
        new("%ctaid.z", (_, _) => 0),
        new("%nctaid.x", (warp, _) => (uint)warp.Launch.Grid.Blocks),
        new("%nctaid.y", (_, _) => 1),
        new("%nctaid.z", (_, _) => 1),
        new("%laneid", (_, lane) => (uint)lane),
        new("%warpid", (warp, _) => (uint)warp.Index),
        new("%nwarpid", (warp, _) => (uint)((warp.Launch.Grid.ThreadsPerBlock + Warp.Lanes - 1) / Warp.Lanes)),
        new("%lanemask_eq", (_, lane) => 1u << lane),
        new("%lanemask_lt", (_, lane) => (1u << lane) - 1),
        new("%lanemask_le", (_, lane) => (2u << lane) - 1),
        new("%lanemask_gt", (_, lane) => ~((2u << lane) - 1)),
        new("%lanemask_ge", (_, lane) => ~((1u << lane) - 1)),
        new("WARP_SZ", (_, _) => Warp.Lanes),
    }.ToDictionary(one => one.Name, StringComparer.Ordinal);

    /// <summary>All of them are 32 bits.</summary>
    public const PtxType Type = PtxType.U32;

    public static SpecialRegister? Find(string name) => ByName.GetValueOrDefault(name);
}
