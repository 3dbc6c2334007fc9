using System.Runtime.InteropServices;
using Requant.CompilerServices;
using Requant.Numerics;
using Requant.Ptx;

namespace Requant.Cli.Rules;

/// <summary>What a step executes for each parameter, by kernel and by line of its PTX, from 1.</summary>
/// <param name="Lines">Instructions, and bytes of global memory that a warp's instruction touches, each byte
/// once.</param>
internal sealed record StepCounts(
    IReadOnlyDictionary<(string Kernel, int Line), (double Instructions, double Bytes)> Lines)
{
    /// <summary>Elements of a block, and columns of a matrix.</summary>
    public const int BlockSize = 256;

    /// <summary>Blocks of the shorter and of the longer step. A kernel's start is in both, so that their difference is
    /// that of blocks alone, as in tensors of millions of elements.</summary>
    private const int ShortBlocks = 16;

    /// <inheritdoc cref="ShortBlocks"/>
    public const int LongBlocks = 48;

    /// <summary>The first step finds empty states.</summary>
    private const int Steps = 2;

    public static StepCounts Measure<TRule>(TRule rule, StateFormat states, ElementType elements)
        where TRule : IOptimizerRule<TRule>
    {
        PtxStepProfile shorter = Profile(rule, states, elements, ShortBlocks);
        PtxStepProfile longer = Profile(rule, states, elements, LongBlocks);
        var counts = new Dictionary<(string Kernel, int Line), (double Instructions, double Bytes)>();
        foreach ((PtxStepProfile profile, int sign) in new[] { (longer, 1), (shorter, -1) })
        {
            const double Parameters = (LongBlocks - ShortBlocks) * BlockSize;
            foreach (Ptx.Cuda.InterpretedLaunch launch in profile.Launches)
            {
                foreach ((int line, long lanes) in launch.Profile.LaneInstructionsByLine)
                {
                    Add((launch.Kernel, line), sign * lanes / Parameters, 0);
                }

                foreach (PtxAccess access in launch.Profile.GlobalAccesses)
                {
                    Add((launch.Kernel, access.Line), 0, sign * access.DistinctBytes / Parameters);
                }
            }
        }

        return new StepCounts(counts);

        void Add((string Kernel, int Line) key, double instructions, double bytes)
        {
            ref (double Instructions, double Bytes) count =
                ref CollectionsMarshal.GetValueRefOrAddDefault(counts, key, out _);
            count = (count.Instructions + instructions, count.Bytes + bytes);
        }
    }

    private static PtxStepProfile Profile<TRule>(TRule rule, StateFormat states, ElementType elements, int blocks)
        where TRule : IOptimizerRule<TRule>
    {
        var options = new OptimizerOptions
        {
            BlockSize = BlockSize,
            MinQuantizedLength = states.IsQuantized ? 0 : long.MaxValue,
            Codecs = states.Codecs,
            StateRounding = states.Rounding,
        };
        using var optimizer = new PtxOptimizer<TRule>(rule, options, new PtxDevice { MaxGroups = 1 });
        ParameterState state = RuleInfo.Of<TRule>().ReadsShape
            ? optimizer.Add("w", blocks, BlockSize)
            : optimizer.Add("w", (long)blocks * BlockSize);
        var random = new Random(1);
        byte[] parameter = Values(random, blocks * BlockSize, elements);
        for (int step = 0; step < Steps; step++)
        {
            optimizer.Step(new PtxTensor(
                state, parameter, Values(random, blocks * BlockSize, elements), elements, elements));
        }

        return optimizer.LastStep;
    }

    /// <summary>None of them is 0, of which a root or a quotient takes a rare way.</summary>
    private static byte[] Values(Random random, int count, ElementType elements)
    {
        float[] values = [.. Enumerable.Range(0, count)
            .Select(_ => (random.Next(2) == 0 ? -1 : 1) * (0.25f + random.NextSingle()))];
        return elements switch
        {
            ElementType.Float16 => Bytes(values.Select(value => (Half)value)),
            ElementType.BFloat16 => Bytes(values.Select(value => (BFloat16)value)),
            _ => Bytes(values),
        };
    }

    private static byte[] Bytes<T>(IEnumerable<T> values)
        where T : unmanaged => MemoryMarshal.AsBytes(values.ToArray().AsSpan()).ToArray();
}
