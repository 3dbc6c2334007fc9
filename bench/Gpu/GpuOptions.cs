namespace Requant.Bench.Gpu;

/// <summary>What the command line asks for.</summary>
internal sealed record GpuOptions
{
    /// <summary>The most elements of a check's tensor: both sides' memory is arrays.</summary>
    public const int MostCheckElements = 1 << 28;

    /// <summary>One part alone, or null for both.</summary>
    public GpuPart? Only { get; init; }

    /// <summary>Names of rules; null for all.</summary>
    public IReadOnlyCollection<string>? Rules { get; init; }

    /// <summary>Elements of the large model; null for the defaults of the parts.</summary>
    public long? Elements { get; init; }

    /// <summary>Tensors of the models of many; null for the defaults of the parts.</summary>
    public int? Tensors { get; init; }

    /// <summary>Whether the run is to end within four minutes.</summary>
    public bool Quick { get; init; }
}

/// <summary>A part of a run.</summary>
internal enum GpuPart
{
    /// <summary>Comparisons with the scalar kernels.</summary>
    Check,

    /// <summary>Times.</summary>
    Time,
}
