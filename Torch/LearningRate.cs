namespace Requant.Torch;

/// <summary>A learning rate that is given by the name <c>lr</c>, where TorchSharp's function has <c>learningRate</c>
/// and its class <c>lr</c>. Any <c>double</c> becomes one.</summary>
/// <param name="Value">The learning rate; 0 or more.</param>
public readonly record struct LearningRate(double Value)
{
    /// <summary>A number as a learning rate.</summary>
    public static implicit operator LearningRate(double value) => new(value);
}
