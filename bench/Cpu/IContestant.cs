namespace Requant.Bench.Cpu;

/// <summary>Something that updates every parameter of one tensor once.</summary>
internal interface IContestant : IDisposable
{
    string Name { get; }

    /// <summary>Memory traffic that a step cannot avoid.</summary>
    double BytesPerParameter { get; }

    /// <summary>Optimizer state per parameter, where there is one.</summary>
    double? StateBytesPerParameter { get; }

    void Step();
}
