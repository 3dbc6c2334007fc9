namespace Requant.Torch;

/// <summary>An optimizer that multiplies gradients inside its step, for <see cref="GradScaler"/>.</summary>
internal interface IScaledStep
{
    /// <summary>What its own steps do with gradients that are not finite.</summary>
    NonFinitePolicy NonFinite { get; }

    /// <summary>A step with scaled gradients, or none where one of them is not finite.</summary>
    /// <param name="inverseScale">What every gradient is multiplied by.</param>
    /// <returns>Whether it was taken.</returns>
    bool StepScaled(float inverseScale);
}
