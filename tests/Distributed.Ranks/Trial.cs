using System.Runtime.InteropServices;
using Requant.Numerics;

namespace Requant.Distributed.Ranks;

/// <summary>A small model that ranks train together, and that one process trains with the same gradients.</summary>
internal sealed unsafe class Trial<TRule>
    where TRule : IOptimizerRule<TRule>
{
    public required TRule Rule { get; init; }

    public IReadOnlyList<ShardedParameter> Parameters { get; init; } = [];

    public IReadOnlyList<TRule>? Rules { get; init; }

    public OptimizerOptions Options { get; init; } = new();

    public ShardingOptions Sharding { get; init; } = new() { BucketBytes = 1 };

    public ElementType ParameterType { get; init; }

    public ElementType GradientType { get; init; }

    public int Steps { get; init; } = 3;

    /// <summary>Changes a rank's gradients before a step.</summary>
    public Action<int, int, float[][]> Spoil { get; init; } = static (_, _, _) => { };

    /// <summary>Whether a rank has a gradient of a tensor in a step.</summary>
    public Func<int, int, int, bool> Has { get; init; } = static (_, _, _) => true;

    private TRule[] AllRules => [.. Rules ?? [Rule]];

    /// <summary>Trains with ranks that are threads; each rank's parameters at the end, and the optimizers'
    /// file.</summary>
    public (byte[][][] Parameters, byte[] File) Ranks(int size, string folder, string? from = null, int firstStep = 0)
    {
        byte[][][] results = new byte[size][][];
        string path = Path.Combine(folder, $"ranks-{Guid.NewGuid():N}.safetensors");
        Communicator.RunThreads(size, ranks => results[ranks.Rank] = On(ranks, path, from, firstStep));
        return (results, File.ReadAllBytes(path));
    }

    /// <summary>Trains as one rank, and saves.</summary>
    /// <returns>Its parameters at the end.</returns>
    public byte[][] On(ICommunicator ranks, string path, string? from = null, int firstStep = 0)
    {
        using var optimizer = new ShardedOptimizer<TRule>(ranks, AllRules, Parameters, Options, Sharding);
        byte[][] parameters = StartOf(from);
        if (from is not null)
        {
            optimizer.Load(from);
        }

        using var pins = new Pins();
        nint[] addresses = [.. parameters.Select(pins.Add)];
        for (int step = firstStep; step < firstStep + Steps; step++)
        {
            byte[][] gradients = Encode(GradientsOf(ranks.Rank, step), GradientType);
            using var gradientPins = new Pins();
            optimizer.Step([
                .. addresses.Select((address, tensor) => new ShardedUpdate(
                    address, Has(ranks.Rank, step, tensor) ? gradientPins.Add(gradients[tensor]) : 0, ParameterType,
                    GradientType)),
            ]);
            if (SavesEachStep)
            {
                optimizer.Save(path);
            }
        }

        if (ranks.Rank == 0)
        {
            // One of several threads writes.
            (Norm, Skipped) = (optimizer.GradientNorm, optimizer.SkippedSteps);
        }

        optimizer.Save(path);
        return parameters;
    }

    public bool SavesEachStep { get; init; }

    /// <summary>The norm of the last step, and the steps skipped, of rank 0.</summary>
    public double? Norm { get; private set; }

    public long Skipped { get; private set; }

    /// <summary>Parameters to go on with where a file is loaded.</summary>
    public byte[][]? Start { get; set; }

    /// <summary>The same in one process that adds up the gradients of so many ranks.</summary>
    public (byte[][] Parameters, byte[] File, double? Norm, long Skipped) OneProcess(
        int size, string folder, string? from = null, int firstStep = 0)
    {
        string path = Path.Combine(folder, $"one-{Guid.NewGuid():N}.safetensors");
        using var optimizer = new Optimizer<TRule>(AllRules[0], Options);
        foreach (TRule rule in AllRules[1..])
        {
            optimizer.AddGroup(rule);
        }

        ParameterState[] states =
        [
            .. Parameters.Select(one => optimizer.Add(
                one.Name, one.Shape.ToArray(), optimizer.Groups[one.Group], keepFloat32: one.KeepFloat32)),
        ];
        byte[][] parameters = StartOf(from);
        if (from is not null)
        {
            optimizer.Load(from);
        }

        using var pins = new Pins();
        nint[] addresses = [.. parameters.Select(pins.Add)];
        for (int step = firstStep; step < firstStep + Steps; step++)
        {
            float[][][] ofRanks =
                [.. Enumerable.Range(0, size).Select(rank => Decode(Encode(GradientsOf(rank, step), GradientType)))];
            var updates = new List<TensorUpdate>();
            using var gradientPins = new Pins();
            for (int tensor = 0; tensor < states.Length; tensor++)
            {
                if (!Enumerable.Range(0, size).Any(rank => Has(rank, step, tensor)))
                {
                    continue;
                }

                float[] sum = new float[Parameters[tensor].Length];
                for (int i = 0; i < sum.Length; i++)
                {
                    float Of(int rank) => Has(rank, step, tensor) ? ofRanks[rank][tensor][i] : 0f;
                    float all = Of(0);
                    for (int rank = 1; rank < size; rank++)
                    {
                        all += Of(rank);
                    }

                    sum[i] = Sharding.Reduction == GradientReduction.Mean ? all / size : all;
                }

                updates.Add(new TensorUpdate(
                    states[tensor], addresses[tensor], gradientPins.Add(Encode([sum], GradientType)[0]), ParameterType,
                    GradientType));
            }

            optimizer.Step([.. updates]);
        }

        optimizer.Save(path);
        return (parameters, File.ReadAllBytes(path), optimizer.GradientNorm, optimizer.SkippedSteps);
    }

    private byte[][] StartOf(string? from) =>
        from is null ? Initial() : [.. Start!.Select(one => (byte[])one.Clone())];

    private byte[][] Initial()
    {
        var random = new Random(11);
        return Encode(
            [.. Parameters.Select(one => Enumerable.Range(0, (int)one.Length)
                .Select(_ => random.NextSingle() - 0.5f).ToArray())], ParameterType);
    }

    private float[][] GradientsOf(int rank, int step)
    {
        var random = new Random((1000 * step) + rank);
        float[][] gradients =
        [
            .. Parameters.Select(one => Enumerable.Range(0, (int)one.Length)
                .Select(_ => (random.NextSingle() - 0.5f) * 0.1f).ToArray()),
        ];
        Spoil(rank, step, gradients);
        return gradients;
    }

    private static byte[][] Encode(float[][] values, ElementType type) =>
    [
        .. values.Select(one => type switch
        {
            ElementType.Float16 => Bytes(one.Select(value => (Half)value)),
            ElementType.BFloat16 => Bytes(one.Select(value => (BFloat16)value)),
            _ => Bytes(one),
        }),
    ];

    private float[][] Decode(byte[][] bytes) =>
    [
        .. bytes.Select(one => GradientType switch
        {
            ElementType.Float16 =>
                MemoryMarshal.Cast<byte, Half>(one).ToArray().Select(value => (float)value).ToArray(),
            ElementType.BFloat16 =>
                MemoryMarshal.Cast<byte, BFloat16>(one).ToArray().Select(value => (float)value).ToArray(),
            _ => MemoryMarshal.Cast<byte, float>(one).ToArray(),
        }),
    ];

    private static byte[] Bytes<T>(IEnumerable<T> values) where T : unmanaged =>
        MemoryMarshal.AsBytes(values.ToArray().AsSpan()).ToArray();

    private sealed class Pins : IDisposable
    {
        private readonly List<GCHandle> _handles = [];

        public nint Add(byte[] bytes)
        {
            if (bytes.Length == 0)
            {
                return 0;
            }

            var handle = GCHandle.Alloc(bytes, GCHandleType.Pinned);
            _handles.Add(handle);
            return handle.AddrOfPinnedObject();
        }

        public void Dispose() => _handles.ForEach(handle => handle.Free());
    }
}
