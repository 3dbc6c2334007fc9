namespace Requant.Samples.FirstRule;

/// <summary>Optimizer rules of this project. Any static class that is not generic may hold rules.</summary>
public static class MyRules
{
    /// <summary>Lion: the sign of an interpolated momentum. Source: Chen et al., arXiv 2302.06675, algorithm 2.
    /// <code>
    /// u = sign(beta1 m + (1 - beta1) g)
    /// p = p - lr (u + weightDecay p)
    /// m = beta2 m + (1 - beta2) g
    /// </code>
    /// </summary>
    /// <remarks>From this method the generator makes <c>record Lion</c> beside the class, with the properties
    /// <c>Lr</c>, <c>Beta1</c>, <c>Beta2</c> and <c>WeightDecay</c>, its kernels for every vector width and for CUDA,
    /// and, because the project references Requant.Torch, <c>class Lion8bit</c>, which takes the parameters of a
    /// TorchSharp model.</remarks>
    /// <param name="p">One element of the parameter; assign to it to update it.</param>
    /// <param name="g">Its gradient.</param>
    /// <param name="m">Momentum: a state, kept in 8 bits between steps. Here it is an ordinary float32.</param>
    /// <param name="lr">Learning rate.</param>
    /// <param name="beta1">Interpolation for the update.</param>
    /// <param name="beta2">Decay of the momentum.</param>
    /// <param name="weightDecay">Decoupled weight decay.</param>
    [OptimizerRule]
    public static void Lion(
        ref float p, float g, [State] ref float m,
        float lr = 1e-4f, float beta1 = 0.9f, float beta2 = 0.99f, float weightDecay = 0f)
    {
        float update = beta1 * m + (1 - beta1) * g;
        p -= lr * (MathF.Sign(update) + weightDecay * p);
        m = beta2 * m + (1 - beta2) * g;
    }
}
