using System.Text.Json.Serialization;

namespace Requant.Bench.Ranks;

/// <summary>What one job has measured; times are medians of the slowest rank.</summary>
/// <param name="Library">The MPI library.</param>
/// <param name="Ranks">How many ranks.</param>
/// <param name="Parameters">Elements of the model, float32.</param>
/// <param name="Sent">Bytes that all ranks send in a step.</param>
/// <param name="LeastSent">The least that they can.</param>
/// <param name="Messages">Messages of the rank that sends most.</param>
/// <param name="Exchange">Milliseconds of a step's exchange: in calls of the communicator.</param>
/// <param name="Raw">Milliseconds of MPI's own collectives for the same bytes.</param>
/// <param name="Step">Milliseconds of the whole step.</param>
/// <param name="Fullest">State bytes of the fullest rank by the mean.</param>
/// <param name="SmallMessage">Microseconds of a message of 4 bytes, sent and received, among many.</param>
internal sealed record RankTimes(
    string Library, int Ranks, long Parameters, long Sent, long LeastSent, long Messages, double Exchange, double Raw,
    double Step, double Fullest, double SmallMessage);

/// <summary>The same as JSON.</summary>
[JsonSerializable(typeof(RankTimes))]
internal sealed partial class RanksJson : JsonSerializerContext;
