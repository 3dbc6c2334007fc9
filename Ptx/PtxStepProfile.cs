using Requant.Ptx.Cuda;

namespace Requant.Ptx;

/// <summary>What the kernels of one step executed, and their traffic with global memory.</summary>
public sealed class PtxStepProfile
{
    private PtxStepProfile(
        PtxProfile instructions, IReadOnlyDictionary<string, PtxTraffic> traffic,
        IReadOnlyList<InterpretedLaunch> launches)
    {
        Instructions = instructions;
        Traffic = traffic;
        Launches = launches;
    }

    internal static PtxStepProfile Empty { get; } = new(new PtxProfile(), new Dictionary<string, PtxTraffic>(), []);

    /// <summary>Executed instructions, over all phases.</summary>
    public PtxProfile Instructions { get; }

    /// <summary>Kernels launched.</summary>
    public int LaunchCount => Launches.Count;

    /// <summary>Those, in the order in which they ran.</summary>
    internal IReadOnlyList<InterpretedLaunch> Launches { get; }

    /// <summary>By buffer: <c>parameter</c>, <c>gradient</c>, <c>tensors</c>, <c>uniforms</c>, <c>partials</c>,
    /// <c>skipped</c>, the tables as in <c>table of Dynamic</c>, and of each state by its name <c>m.codes</c>,
    /// <c>m.absmax</c> or <c>m.values</c>; of all tensors together.</summary>
    public IReadOnlyDictionary<string, PtxTraffic> Traffic { get; }

    internal static Recording Record(InterpretedDriver driver) => new(driver);

    /// <summary>What a driver has done from some moment on.</summary>
    internal sealed class Recording(InterpretedDriver driver)
    {
        private readonly int _launches = driver.Launches.Count;
        private readonly Dictionary<GlobalBuffer, PtxTraffic> _before = driver.Memory.Buffers.ToDictionary(
            buffer => buffer, PtxTraffic.Of);

        /// <param name="names">By address.</param>
        public PtxStepProfile Finish(Dictionary<ulong, string> names)
        {
            Dictionary<string, string> renamed = driver.Memory.Buffers.ToDictionary(
                buffer => buffer.Name, buffer => NameOf(buffer, names), StringComparer.Ordinal);
            var instructions = new PtxProfile();
            InterpretedLaunch[] launches = [.. driver.Launches.Skip(_launches)];
            foreach (InterpretedLaunch launch in launches)
            {
                instructions.Add(launch.Profile, name => renamed[name]);
            }

            var traffic = new Dictionary<string, PtxTraffic>(StringComparer.Ordinal);
            foreach (GlobalBuffer buffer in driver.Memory.Buffers)
            {
                string name = renamed[buffer.Name];
                traffic[name] =
                    traffic.GetValueOrDefault(name) + PtxTraffic.Of(buffer) - _before.GetValueOrDefault(buffer);
            }

            return new PtxStepProfile(instructions, traffic, launches);
        }

        private static string NameOf(GlobalBuffer buffer, Dictionary<ulong, string> names) => names
            .Where(pair => pair.Key >= buffer.Address && pair.Key - buffer.Address < (ulong)buffer.Length)
            .Select(pair => pair.Value).FirstOrDefault() ?? buffer.Name;
    }
}

/// <summary>What lanes moved between themselves and a buffer.</summary>
/// <param name="BytesRead">Loaded; the same byte counts each time.</param>
/// <param name="BytesWritten">Stored; the same byte counts each time.</param>
public readonly record struct PtxTraffic(long BytesRead, long BytesWritten)
{
    /// <summary>Loaded, where the lanes of one instruction of a warp count each byte once.</summary>
    public long DistinctBytesRead { get; init; }

    /// <summary>Stored, where the lanes of one instruction of a warp count each byte once.</summary>
    public long DistinctBytesWritten { get; init; }

    /// <summary>Sectors of 32 bytes loaded from, where the lanes of one instruction of a warp
    /// count each once.</summary>
    public long SectorsRead { get; init; }

    /// <summary>Sectors of 32 bytes stored to, where the lanes of one instruction of a warp count each once.</summary>
    public long SectorsWritten { get; init; }

    /// <summary>Updated atomically, which is a part of both what was read and what was written; the same byte counts
    /// each time.</summary>
    public long BytesUpdated { get; init; }

    internal static PtxTraffic Of(GlobalBuffer buffer) => new(buffer.BytesRead, buffer.BytesWritten)
    {
        DistinctBytesRead = buffer.DistinctBytesRead,
        DistinctBytesWritten = buffer.DistinctBytesWritten,
        SectorsRead = buffer.SectorsRead,
        SectorsWritten = buffer.SectorsWritten,
        BytesUpdated = buffer.BytesUpdated,
    };

    /// <summary>Both together.</summary>
    public static PtxTraffic operator +(PtxTraffic x, PtxTraffic y) => x.Plus(y, 1);

    /// <summary>What is more in the first.</summary>
    public static PtxTraffic operator -(PtxTraffic x, PtxTraffic y) => x.Plus(y, -1);

    private PtxTraffic Plus(PtxTraffic other, int sign) =>
        new(BytesRead + (sign * other.BytesRead), BytesWritten + (sign * other.BytesWritten))
        {
            DistinctBytesRead = DistinctBytesRead + (sign * other.DistinctBytesRead),
            DistinctBytesWritten = DistinctBytesWritten + (sign * other.DistinctBytesWritten),
            SectorsRead = SectorsRead + (sign * other.SectorsRead),
            SectorsWritten = SectorsWritten + (sign * other.SectorsWritten),
            BytesUpdated = BytesUpdated + (sign * other.BytesUpdated),
        };
}
