namespace Requant.Samples;

/// <summary>Shows how far a training is.</summary>
internal static class TrainingProgress
{
    /// <summary>Trains with a progress bar, or with a line now and then when nobody watches.</summary>
    /// <param name="title">What is trained.</param>
    /// <param name="steps">Its steps.</param>
    /// <param name="train">Trains, and tells after each step which one it was, from 1, its loss and the usual time of a
    /// step in milliseconds.</param>
    /// <returns>What <paramref name="train"/> returns.</returns>
    public static T Show<T>(string title, int steps, Func<Action<int, double, double>, T> train) =>
        RunProgress.Show(title, steps, show => train((step, loss, milliseconds) => show(
            step, FormattableString.Invariant($"loss {loss:0.000}, {milliseconds:0} ms a step"))));
}
