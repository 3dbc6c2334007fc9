namespace Requant.Checkpoints.Images;

/// <summary>Values of a state as they come from a file, from the first to the last.</summary>
internal interface IStateValues
{
    /// <summary>Reads the next values.</summary>
    void Read(Span<float> values);
}
