using System.Text;
using System.Text.Json;
using Requant.Checkpoints;

namespace Requant.Bench.Gpu;

/// <summary>Everything found out so far; what <c>--json</c> writes.</summary>
internal sealed class GpuReport
{
    /// <summary>The result of a check in which all bits are equal.</summary>
    public const string Equal = "equal";

    /// <summary>The result of a check in which a bit differs.</summary>
    public const string Different = "different";

    /// <summary>The result of a check that could not be made.</summary>
    public const string Failed = "failed";

    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    /// <summary>The device, once it is known.</summary>
    public DeviceRow? Device { get; set; }

    /// <summary>Whether this is the short run.</summary>
    public bool Quick { get; set; }

    /// <summary>Whether all was done that was to be done.</summary>
    public bool Finished { get; set; }

    /// <summary>Why it ended early, or null.</summary>
    public string? Error { get; set; }

    /// <summary>Copies on the device.</summary>
    public CopyRow? Copy { get; set; }

    /// <summary>Comparisons with the scalar kernels.</summary>
    public List<CheckRow> Checks { get; } = [];

    /// <summary>Times of steps.</summary>
    public List<TimeRow> Times { get; } = [];

    /// <summary>What the driver says of the kernels.</summary>
    public List<KernelRow> Kernels { get; } = [];

    /// <summary>What was not done, and why.</summary>
    public List<string> LeftOut { get; } = [];

    /// <summary>Whether anything is wrong.</summary>
    public bool HasFailed =>
        Error is not null || Checks.Exists(row => row.Result != Equal) || Times.Exists(row => row.Error is not null);

    /// <summary>The text of the file.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Indented);

    /// <summary>Writes the file as a whole, so that a run that is killed leaves what it knew.</summary>
    public void Write(string file) => AtomicFile.Write(file, stream => stream.Write(Encoding.UTF8.GetBytes(ToJson())));
}

/// <summary>The device.</summary>
/// <param name="Ordinal">Its number.</param>
/// <param name="Name">Its name.</param>
/// <param name="Capability">Compute capability.</param>
/// <param name="Multiprocessors">Multiprocessors.</param>
/// <param name="MemoryBytes">All of its memory.</param>
/// <param name="Cuda">The newest CUDA that the driver serves.</param>
/// <param name="Architecture">What kernels are compiled for.</param>
internal sealed record DeviceRow(
    int Ordinal, string Name, string Capability, int Multiprocessors, long MemoryBytes, string Cuda,
    string Architecture);

/// <summary>Copies on the device by the driver.</summary>
/// <param name="GigabytesPerSecond">Median; bytes read and bytes written, in 1e9.</param>
/// <param name="Sizes">Each size, and its median.</param>
internal sealed record CopyRow(double? GigabytesPerSecond, IReadOnlyList<CopySizeRow> Sizes);

/// <summary>Copies of one size.</summary>
/// <param name="Bytes">Bytes copied.</param>
/// <param name="GigabytesPerSecond">Twice as many over the median time.</param>
internal sealed record CopySizeRow(long Bytes, double? GigabytesPerSecond);

/// <summary>A comparison with the scalar kernels.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Dtype">Parameters' elements, and the gradients' behind a slash where they differ.</param>
/// <param name="States">Codecs, and <c>stochastic</c> where states are rounded so.</param>
/// <param name="Model">The model's name.</param>
/// <param name="Tensors">Its tensors.</param>
/// <param name="Elements">Elements of all of them.</param>
/// <param name="Steps">Steps that left equal bits.</param>
/// <param name="Result">equal, different or failed.</param>
/// <param name="Difference">The first difference.</param>
/// <param name="Error">Why it failed.</param>
/// <param name="Seconds">Time of both sides and of the comparison.</param>
internal sealed record CheckRow(
    string Rule, string Dtype, string States, string Model, int Tensors, long Elements, int Steps, string Result,
    DifferenceRow? Difference, string? Error, double Seconds);

/// <summary>The first place where the device differs.</summary>
/// <param name="Step">The step, from 1.</param>
/// <param name="Tensor">The tensor, from 0; -1 where it is all of them.</param>
/// <param name="Length">Elements of the tensor.</param>
/// <param name="Field">Which of its arrays.</param>
/// <param name="Element">The element, from 0.</param>
/// <param name="Expected">What the scalar kernels leave: bits and value.</param>
/// <param name="Actual">What the device leaves.</param>
internal sealed record DifferenceRow(
    int Step, int Tensor, long Length, string Field, long Element, string Expected, string Actual)
{
    /// <inheritdoc/>
    public override string ToString() => Tensor < 0
        ? $"step {Step}, {Field}: {Actual}, and the scalar kernels give {Expected}"
        : $"step {Step}, tensor {Tensor} of {Length} elements, {Field}, element {Element}: {Actual}, and the scalar "
            + $"kernels give {Expected}";
}

/// <summary>The time of a step.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Dtype">Elements of parameters and gradients.</param>
/// <param name="States">Codecs, and <c>stochastic</c> where states are rounded so.</param>
/// <param name="Tensors">Tensors of the model.</param>
/// <param name="Elements">Elements of each.</param>
/// <param name="Runs">Steps timed.</param>
/// <param name="Ms">Median from step to step on the device, steps asked for without waiting.</param>
/// <param name="LeastMs">The least of them.</param>
/// <param name="HostMs">Median from the call to its return, on an idle device.</param>
/// <param name="BytesPerStep">Traffic that a step cannot avoid: the gradient, twice the parameter,
/// twice the states.</param>
/// <param name="GigabytesPerSecond">That over the median.</param>
/// <param name="OfCopy">That over the bandwidth of copies.</param>
/// <param name="ManyOverOne">Time of an element over that in one tensor of the same total; null for one tensor.</param>
/// <param name="Error">Why there are no times.</param>
internal sealed record TimeRow(
    string Rule, string Dtype, string States, int Tensors, long Elements, int Runs, double? Ms, double? LeastMs,
    double? HostMs,
    long BytesPerStep, double? GigabytesPerSecond, double? OfCopy, double? ManyOverOne, string? Error)
{
    /// <summary>Elements of all tensors.</summary>
    public long Total => Tensors * Elements;
}

/// <summary>What the driver says of a kernel.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Dtype">Elements of parameters and gradients.</param>
/// <param name="States">Codecs, and <c>stochastic</c> where states are rounded so; finish for what is computed between
/// passes.</param>
/// <param name="Variant">Which of the rule's specialised kernels.</param>
/// <param name="Phase">Which pass over the tensor.</param>
/// <param name="PtxBytes">Length of its text.</param>
/// <param name="Registers">Registers of a thread.</param>
/// <param name="LocalBytes">Local memory of a thread; not 0 where registers are spilled.</param>
/// <param name="SharedBytes">Shared memory of a group.</param>
/// <param name="GroupSize">Threads of a group.</param>
/// <param name="GroupsPerMultiprocessor">Groups that a multiprocessor holds at a time; null where the driver
/// does not say.</param>
internal sealed record KernelRow(
    string Rule, string Dtype, string States, int Variant, int Phase, int PtxBytes, int? Registers, int? LocalBytes,
    int? SharedBytes,
    int GroupSize, int? GroupsPerMultiprocessor);
