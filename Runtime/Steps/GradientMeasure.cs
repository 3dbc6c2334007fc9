namespace Requant;

/// <summary>What one pass over the gradients of a step found; measures of several batches add up.</summary>
/// <param name="SquareSum">The sum of the squares of all finite elements, after the gradient scale.</param>
/// <param name="NonFiniteElements">Elements that are NaN or infinite, after the gradient scale.</param>
/// <param name="FirstNonFinite">The name of the first parameter whose gradient has such elements; null without.</param>
public readonly record struct GradientMeasure(double SquareSum, long NonFiniteElements, string? FirstNonFinite)
{
    /// <summary>What PyTorch's <c>clip_grad_norm_</c> adds to the norm.</summary>
    private const double ClipEpsilon = 1e-6;

    /// <summary>The Euclidean norm of the finite elements.</summary>
    public double Norm => Math.Sqrt(SquareSum);

    /// <summary>The measure of both.</summary>
    /// <param name="left">The tensors that come first.</param>
    /// <param name="right">The others.</param>
    public static GradientMeasure operator +(GradientMeasure left, GradientMeasure right) => Add(left, right);

    /// <inheritdoc cref="op_Addition"/>
    public static GradientMeasure Add(GradientMeasure left, GradientMeasure right) => new(
        left.SquareSum + right.SquareSum,
        left.NonFiniteElements + right.NonFiniteElements,
        left.FirstNonFinite ?? right.FirstNonFinite);

    /// <summary>This and the next tensor's sum of squares, which is negative, or -0, where an element is not
    /// finite.</summary>
    internal GradientMeasure With(double sum, string name) => this with
    {
        SquareSum = SquareSum + Math.Abs(sum),
        FirstNonFinite = FirstNonFinite ?? (double.IsNegative(sum) ? name : null),
    };

    /// <summary>Whether a step with these gradients is taken.</summary>
    /// <param name="policy">What is to happen where elements are not finite.</param>
    /// <returns>False where the step is to be skipped.</returns>
    /// <exception cref="NotFiniteNumberException">The policy is <see cref="NonFinitePolicy.Throw"/>, and elements are
    /// not finite.</exception>
    public bool Allows(NonFinitePolicy policy)
    {
        if (NonFiniteElements > 0 && policy == NonFinitePolicy.Throw)
        {
            throw new NotFiniteNumberException(
                $"{NonFiniteElements} gradient elements are NaN or infinite, the first ones in the gradient of "
                + $"'{FirstNonFinite}'. The step was not taken and nothing was changed.");
        }

        return NonFiniteElements == 0 || policy != NonFinitePolicy.SkipStep;
    }

    /// <summary>The scale that also clips the norm, as <c>clip_grad_norm_</c> does: <c>scale * min(1, maxNorm / (norm +
    /// 1e-6))</c>, computed in float64 and rounded once.</summary>
    /// <param name="scale">The gradient scale that the measure was taken with.</param>
    /// <param name="maxNorm">The largest norm; null for none.</param>
    public float ClippingScale(float scale, float? maxNorm) =>
        maxNorm is float largest ? (float)(scale * Math.Min(1.0, largest / (Norm + ClipEpsilon))) : scale;
}
