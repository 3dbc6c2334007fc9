namespace Requant.Samples.StateComparison;

/// <summary>How a run keeps its optimizer's states: a row of the table.</summary>
/// <param name="Name">As in figures and options.</param>
/// <param name="Title">For people.</param>
/// <param name="First">The signed state, m.</param>
/// <param name="Second">The unsigned state, v, of optimizers that have one.</param>
internal sealed record StateSetting(string Name, string Title, SimulatedState First, SimulatedState Second)
{
    /// <summary>Tensors with fewer elements keep float32 states, as is usual.</summary>
    public const int MinQuantizedLength = 4096;

    private static readonly SimulatedState Exact = new(SimulatedCodec.Float32);
    private static readonly SimulatedState Noise = new(SimulatedCodec.Noise, IsStochastic: true);

    /// <summary>For people, where there is no v.</summary>
    public string SignedTitle { get; init; } = Title;

    /// <summary>What all others are held against.</summary>
    public static StateSetting Float32 { get; } = new("float32", "float32", Exact, Exact);

    /// <summary>float32 but for a little noise.</summary>
    public static StateSetting Control { get; } = new("control", "float32 and 0.1 % of noise", Noise, Noise);

    private static readonly Dictionary<SimulatedCodec, string> SignedTitles = new()
    {
        [SimulatedCodec.Dynamic] = "Dynamic",
        [SimulatedCodec.MiniFloat] = "MiniFloat",
        [SimulatedCodec.SixteenPerOctave] = "16 an octave",
    };

    private static readonly (string Name, string Title, SimulatedCodec First, SimulatedCodec Second)[] Pairs =
    [
        ("dynamic", "Dynamic", SimulatedCodec.Dynamic, SimulatedCodec.Dynamic),
        ("minifloat", "MiniFloat", SimulatedCodec.MiniFloat, SimulatedCodec.MiniFloat),
        ("dynamic-minifloat", "m Dynamic, v MiniFloat", SimulatedCodec.Dynamic, SimulatedCodec.MiniFloat),
        ("sixteen-minifloat", "m 16 an octave, v MiniFloat", SimulatedCodec.SixteenPerOctave, SimulatedCodec.MiniFloat),
    ];

    /// <summary>The repaired paper's with nearest codes; what is better than it is good enough.</summary>
    public static StateSetting Paper => Find("dynamic");

    /// <summary>Every setting; float32 first.</summary>
    public static IReadOnlyList<StateSetting> All { get; } =
    [
        Float32,
        Control,
        .. Pairs.Select(pair => Of(pair, "", "", false, false)),
        .. Pairs.Select(pair => Of(pair, "-v", ", v stochastic", false, true)),
        .. Pairs.Where(pair => pair.First == pair.Second)
            .Select(pair => Of(pair, "-mv", ", m and v stochastic", true, true)),
    ];

    /// <summary>Those of optimizers whose only state is signed: of settings that differ in v alone the first.</summary>
    public static IReadOnlyList<StateSetting> Signed { get; } = [.. All.DistinctBy(setting => setting.First)];

    /// <summary>By name.</summary>
    /// <exception cref="UsageException">There is none of this name.</exception>
    public static StateSetting Find(string name) => All.FirstOrDefault(setting => setting.Name == name)
        ?? throw new UsageException(
            $"--settings: there is no '{name}'. Choose from {string.Join(", ", All.Select(one => one.Name))}.");

    private static StateSetting Of(
        (string Name, string Title, SimulatedCodec First, SimulatedCodec Second) pair, string nameEnd,
        string titleEnd, bool isFirstStochastic, bool isSecondStochastic) =>
        new(
            pair.Name + nameEnd, pair.Title + titleEnd, new(pair.First, isFirstStochastic),
            new(pair.Second, isSecondStochastic))
        {
            SignedTitle = SignedTitles[pair.First] + (isFirstStochastic ? ", stochastic" : ""),
        };
}
