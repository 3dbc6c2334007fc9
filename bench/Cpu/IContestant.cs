namespace Requant.Bench.Cpu;

/// <summary>Something that updates every parameter of a model once.</summary>
internal interface IContestant : IDisposable
{
    void Step();
}
