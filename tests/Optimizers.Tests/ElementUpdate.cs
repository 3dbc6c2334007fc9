namespace Requant.Optimizers.Tests;

/// <summary>One step of one element in float64.</summary>
/// <param name="p">Parameter.</param>
/// <param name="g">Gradient.</param>
/// <param name="s">The element's states in the rule's order, updated.</param>
/// <param name="t">1 on the first step.</param>
/// <returns>The new parameter, or whatever the tensor's update is made of.</returns>
internal delegate double ElementUpdate(double p, double g, Span<double> s, int t);

/// <summary>From elements to tensors, for references.</summary>
internal static class ElementUpdates
{
    public static Reference PerElement(ElementUpdate update) => (p, g, s, _, t) => update.WriteTo(p, p, g, s, t);

    /// <summary>Writes what the update returns for each element, and its states.</summary>
    public static void WriteTo(this ElementUpdate update, double[] results, double[] p, double[] g, double[][] s, int t)
    {
        Span<double> states = stackalloc double[s.Length];
        for (int i = 0; i < p.Length; i++)
        {
            for (int state = 0; state < s.Length; state++)
            {
                states[state] = s[state][i];
            }

            results[i] = update(p[i], g[i], states, t);
            for (int state = 0; state < s.Length; state++)
            {
                s[state][i] = states[state];
            }
        }
    }

    /// <summary>One step of an exponential moving average.</summary>
    public static double Average(double beta, double old, double value) => (beta * old) + ((1 - beta) * value);

    /// <summary>An average that began at 0, without the bias of that.</summary>
    public static double Corrected(double average, double beta, int t) => average / (1 - Math.Pow(beta, t));

    public static double Norm(double[] values) => Math.Sqrt(values.Sum(value => value * value));
}
