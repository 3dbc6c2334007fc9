namespace Requant.Bench.Cpu;

/// <summary>One contestant's result.</summary>
/// <param name="Name">The contestant.</param>
/// <param name="Milliseconds">Median time of one step.</param>
/// <param name="BytesPerParameter">Memory traffic that a step cannot avoid.</param>
/// <param name="GigabytesPerSecond">That traffic over the time.</param>
/// <param name="RatioToStream">Time over that of one pass over 16 bytes per parameter.</param>
/// <param name="StateBytesPerParameter">Optimizer state, where there is one.</param>
internal sealed record Row(
    string Name, double Milliseconds, double BytesPerParameter, double GigabytesPerSecond, double RatioToStream, double? StateBytesPerParameter);
