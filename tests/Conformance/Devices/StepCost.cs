using System.Globalization;
using Requant.CompilerServices;
using Requant.Numerics;
using Requant.Ptx;
using Requant.Tests;

namespace Requant.Conformance.Devices;

/// <summary>How the tensors of a step are kept.</summary>
/// <param name="Elements">What the elements of parameter and gradient are.</param>
/// <param name="States">How states are stored and rounded.</param>
/// <param name="HasRemainder">Whether parameters have remainders.</param>
internal sealed record Storage(ElementType Elements, StateFormat States, bool HasRemainder = false)
{
    /// <summary>Whether states have 8 bits; otherwise they are float32.</summary>
    public bool IsQuantized => States.IsQuantized;

    public override string ToString() => $"{StatesText} states, {Elements.Name()} elements"
        + (HasRemainder ? " with remainders" : "");

    private string StatesText => (States.Codecs == StateCodecs.Declared ? "8-bit" : States.Codecs.ToString())
        + (States.Rounding == StateRounding.Stochastic ? " stochastic" : "");
}

/// <summary>What a step costs for each parameter, and what it costs once however many parameters there are.</summary>
/// <param name="Instructions">Instructions of warps times 32 for each parameter: lanes that wait for the other side of
/// a branch count, too. Copies between registers, negations and magnitudes, which assemblers make a part of other
/// instructions, count nothing; a root, a quotient or a reciprocal that is rounded counts as what
/// assemblers make of it.</param>
/// <param name="AllInstructions">The same, each as one.</param>
/// <param name="BytesRead">Of the tensors, for each parameter by buffer: each byte that a warp's instruction
/// touches once.</param>
/// <param name="BytesWritten">The same.</param>
/// <param name="TableBytes">Tables, uniforms and tensor rows, which caches hold, in all.</param>
/// <param name="TableBytesPerParameter">What more of them a longer tensor takes.</param>
/// <param name="Accesses">To global memory, in the longer of the two steps.</param>
internal sealed record StepCost(
    double Instructions,
    double AllInstructions,
    IReadOnlyDictionary<string, double> BytesRead,
    IReadOnlyDictionary<string, double> BytesWritten,
    long TableBytes,
    double TableBytesPerParameter,
    IReadOnlyList<PtxAccess> Accesses)
{
    /// <summary>Blocks for each of a group's warps in the shorter and in the longer step. A kernel's start is in both,
    /// so that their difference is that of blocks alone, as in tensors of millions of elements.</summary>
    private const int ShortBlocks = 2;

    private const int LongBlocks = 6;
    private const int WarpSize = 32;
    private const int BlockSize = 256;
    private const int Seed = 5;

    /// <summary>Warps of the one group that all launches have.</summary>
    public const int Warps = PtxCompiler.GroupSize / WarpSize;

    /// <summary>What one instruction counts more or less than 1. Those that are made of several are counted in the
    /// machine code for sm_90, with the branch around their rare part.</summary>
    private static readonly Dictionary<string, int> Extra = new(StringComparer.Ordinal)
    {
        ["mov.b32"] = -1,
        ["mov.b64"] = -1,
        ["mov.f32"] = -1,
        ["mov.u32"] = -1,
        ["mov.pred"] = -1,
        ["neg.f32"] = -1,
        ["abs.f32"] = -1,
        ["sqrt.rn.f32"] = 9,
        ["div.rn.f32"] = 10,
        ["rcp.rn.f32"] = 7,
    };

    public static readonly PtxDevice OneGroup = new() { MaxGroups = 1 };

    /// <summary>Of whole, aligned blocks with finite gradients, none of which is 0: a root or a quotient of 0 takes
    /// the rare way.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="storage">How its tensor is kept.</param>
    /// <param name="step">Which step; the first one finds empty states, and the second one is what
    /// training repeats.</param>
    /// <param name="scale">What gradients are multiplied by.</param>
    /// <param name="maxNorm">What they are clipped to; null where they are not measured.</param>
    /// <param name="rounding">How bfloat16 parameters are rounded.</param>
    public static StepCost Measure<TRule>(
        TRule rule, Storage storage, int step, float scale = 1f, float? maxNorm = null,
        ParameterRounding rounding = ParameterRounding.Nearest)
        where TRule : IOptimizerRule<TRule>
    {
        const int ShortLength = ShortBlocks * Warps * BlockSize;
        const int LongLength = LongBlocks * Warps * BlockSize;
        var options = new OptimizerOptions
        {
            BlockSize = BlockSize,
            MinQuantizedLength = storage.IsQuantized ? 0 : long.MaxValue,
            Codecs = storage.States.Codecs,
            StateRounding = storage.States.Rounding,
            MaxGradientNorm = maxNorm,
            Rounding = rounding,
            MasterWeights = storage.HasRemainder ? MasterWeights.Remainder16 : MasterWeights.None,
        };
        PtxStepProfile shorter = Profile(rule, storage, step, ShortLength, scale, options);
        PtxStepProfile longer = Profile(rule, storage, step, LongLength, scale, options);
        return new StepCost(
            PerParameter(Weighted(longer.Instructions) - Weighted(shorter.Instructions)),
            PerParameter(All(longer) - All(shorter)),
            Tensors(traffic => traffic.DistinctBytesRead),
            Tensors(traffic => traffic.DistinctBytesWritten),
            Tables(longer),
            PerParameter(Tables(longer) - Tables(shorter)),
            longer.Instructions.GlobalAccesses);

        static long All(PtxStepProfile profile) => profile.Instructions.WarpInstructions * WarpSize;

        static double PerParameter(long more) => (double)more / (LongLength - ShortLength);

        static long Tables(PtxStepProfile profile) => profile.Traffic.Where(pair => IsTable(pair.Key))
            .Sum(pair => pair.Value.DistinctBytesRead + pair.Value.DistinctBytesWritten);

        Dictionary<string, double> Tensors(Func<PtxTraffic, long> bytes) =>
            longer.Traffic.Keys.Where(name => !IsTable(name))
                .ToDictionary(
                    name => name, name => PerParameter(bytes(longer.Traffic[name]) - bytes(shorter.Traffic[name])));
    }

    /// <summary>Instructions as <see cref="Instructions"/> counts them.</summary>
    public static long Weighted(PtxProfile profile) => (profile.WarpInstructions * WarpSize) + Extra.Sum(
        pair => pair.Value * profile.LaneInstructionsByOpcode.GetValueOrDefault(pair.Key));

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Instructions:F1} instructions, {AllInstructions:F1} of PTX, {BytesRead.Values.Sum():F3} bytes read and "
        + $"{BytesWritten.Values.Sum():F3} written a parameter; {TableBytes} bytes of tables");

    /// <summary>What all warps share, and caches hold.</summary>
    private static bool IsTable(string buffer) =>
        buffer is "uniforms" or "tensors" or "skipped" || buffer.StartsWith("table of ", StringComparison.Ordinal);

    private static PtxStepProfile Profile<TRule>(
        TRule rule, Storage storage, int steps, int length, float scale, OptimizerOptions options)
        where TRule : IOptimizerRule<TRule>
    {
        using var optimizer = new PtxOptimizer<TRule>(rule, options, OneGroup) { GradientScale = scale };
        ParameterState state = optimizer.Add("w", length);
        byte[] parameter = ElementBytes.Of(HardValues.Parameters(length, Seed), storage.Elements);
        for (int step = 1; step <= steps; step++)
        {
            byte[] gradient = ElementBytes.Of(HardValues.Dense(length, Seed + step), storage.Elements);
            optimizer.Step(new PtxTensor(state, parameter, gradient, storage.Elements, storage.Elements));
        }

        return optimizer.LastStep;
    }
}
