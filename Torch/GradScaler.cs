using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Requant.Torch;

/// <summary>Scales the loss so that gradients of 16 bits do not vanish, and finds the scale by itself: PyTorch's
/// <c>torch.amp.GradScaler</c>.</summary>
/// <remarks>
/// <code>
/// var scaler = new GradScaler();
/// using Tensor scaled = scaler.scale(loss);
/// scaled.backward();
/// scaler.step(optimizer);                     // not optimizer.step()
/// scaler.update();                            // once an iteration, after the steps of all optimizers
/// </code>
/// <para>The scale is halved after an iteration with a gradient that is NaN or infinite, whose step is skipped, and
/// doubled after <c>growth_interval</c> iterations in a row without one.</para>
/// <para>There is no <c>unscale_</c>: a <see cref="TorchOptimizer{TRule}"/> multiplies by the inverse scale inside its
/// step, so gradients in memory stay scaled, and <see cref="TorchOptions.MaxGradientNorm"/> clips by the norm without
/// the scale. Gradients of other optimizers are unscaled in place by <see cref="step"/>.</para>
/// <para>One departure: <see cref="step"/> returns whether the step was taken. Not for several
/// threads at a time.</para>
/// </remarks>
public sealed class GradScaler
{
    private readonly Dictionary<optim.Optimizer, bool> _stepTaken = new(ReferenceEqualityComparer.Instance);
    private readonly bool _enabled;
    private Schedule _schedule;

    /// <summary>A scaler with PyTorch's defaults.</summary>
    /// <param name="init_scale">The first scale; finite, above 0.</param>
    /// <param name="growth_factor">What the scale is multiplied by after good iterations; finite, above 1.</param>
    /// <param name="backoff_factor">What the scale is multiplied by after a bad one; between 0 and 1.</param>
    /// <param name="growth_interval">Good iterations in a row before the scale grows; at least 1.</param>
    /// <param name="enabled">If false, the loss passes through and <see cref="step"/> is the optimizer's own.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of its range.</exception>
    public GradScaler(
        float init_scale = 65536f, double growth_factor = 2.0, double backoff_factor = 0.5, int growth_interval = 2000,
        bool enabled = true)
    {
        _schedule = new Schedule(init_scale, growth_factor, backoff_factor, growth_interval, GrowthTracker: 0);
        _schedule.Validate();
        _enabled = enabled;
    }

    /// <summary>Whether the scaler is enabled.</summary>
    public bool is_enabled() => _enabled;

    /// <summary>The scale; 1 when not enabled.</summary>
    public float get_scale() => _enabled ? _schedule.Scale : 1f;

    /// <summary>Iterations without a bad gradient since the scale last changed, or since this count was
    /// reset.</summary>
    public int get_growth_tracker() => _enabled ? _schedule.GrowthTracker : 0;

    /// <summary>The loss times the scale, to call <c>backward</c> on: a new tensor, or the loss itself when
    /// not enabled.</summary>
    /// <param name="loss">Of any shape.</param>
    /// <exception cref="ArgumentNullException"><paramref name="loss"/> is null.</exception>
    public Tensor scale(Tensor loss)
    {
        ArgumentNullException.ThrowIfNull(loss);
        return _enabled ? loss * _schedule.Scale : loss;
    }

    /// <summary>Takes the optimizer's step with unscaled gradients, or skips it if a gradient is NaN or infinite.
    /// A skipped step changes nothing, not even the step count.</summary>
    /// <param name="optimizer">Once between two calls of <see cref="update"/>.</param>
    /// <returns>Whether the step was taken.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="optimizer"/> is null.</exception>
    /// <exception cref="InvalidOperationException">The optimizer's step was called since the last update, its options
    /// say to do something else than to skip, or the scale has become so small that its inverse
    /// is infinite.</exception>
    /// <exception cref="NotSupportedException">Another library's optimizer has a sparse gradient or one of float16;
    /// nothing was changed.</exception>
    public bool step(optim.Optimizer optimizer)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        if (!_enabled)
        {
            optimizer.step();
            return true;
        }

        if (_stepTaken.ContainsKey(optimizer))
        {
            throw new InvalidOperationException(
                "step() has been called for this optimizer since the last update(); call update() first.");
        }

        float inverse = _schedule.InverseScale;
        bool taken = optimizer is IScaledStep own ? StepOwn(own, inverse) : StepOther(optimizer, inverse);
        _stepTaken.Add(optimizer, taken);
        return taken;
    }

    /// <summary>Adapts the scale to what the steps since the last update found.</summary>
    /// <param name="new_scale">Sets the scale instead, and leaves the count of good iterations;
    /// finite, above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="new_scale"/> is out of its range.</exception>
    /// <exception cref="InvalidOperationException">No optimizer's step was called since the last update.</exception>
    public void update(float? new_scale = null)
    {
        if (!_enabled)
        {
            return;
        }

        if (new_scale is float given)
        {
            Schedule changed = _schedule with { Scale = given };
            changed.Validate();
            _schedule = changed;
        }
        else if (_stepTaken.Count == 0)
        {
            throw new InvalidOperationException(
                "No step was called since the last update(); call step(optimizer) first.");
        }
        else
        {
            _schedule = _schedule.After(isGood: !_stepTaken.ContainsValue(false));
        }

        _stepTaken.Clear();
    }

    /// <summary>What a checkpoint needs, under PyTorch's names; empty when not enabled.</summary>
    public IReadOnlyDictionary<string, double> state_dict() =>
        _enabled ? _schedule.ToDictionary() : new Dictionary<string, double>();

    /// <summary>Takes what <see cref="state_dict"/> gave; does nothing when not enabled.</summary>
    /// <param name="state_dict">Of an enabled scaler.</param>
    /// <exception cref="ArgumentException">An entry is missing or out of its range; nothing was changed.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="state_dict"/> is null.</exception>
    public void load_state_dict(IReadOnlyDictionary<string, double> state_dict)
    {
        ArgumentNullException.ThrowIfNull(state_dict);
        if (_enabled)
        {
            _schedule = Schedule.Of(state_dict);
            _stepTaken.Clear();
        }
    }

    private static bool StepOwn(IScaledStep optimizer, float inverse)
    {
        // The default leaves single elements out, which a scaler turns into skipped steps; who chose otherwise
        // must hear of it.
        if (optimizer.NonFinite is not (NonFinitePolicy.SkipElement or NonFinitePolicy.SkipStep))
        {
            throw new InvalidOperationException(
                $"The optimizer's options say {nameof(NonFinitePolicy)}.{optimizer.NonFinite}, and a scaler skips "
                + "steps with gradients that are not finite, to find its scale; "
                + $"leave {nameof(TorchOptions.NonFinite)} out.");
        }

        return optimizer.StepScaled(inverse);
    }

    /// <summary>Unscales in place, as PyTorch does.</summary>
    private static bool StepOther(optim.Optimizer optimizer, float inverse)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor[] gradients =
            [.. optimizer.parameters().Select(parameter => parameter.grad).Where(gradient => gradient is not null)
                .Select(gradient => gradient!)];
        foreach (Tensor gradient in gradients)
        {
            if (gradient.is_sparse || gradient.dtype == ScalarType.Float16)
            {
                throw new NotSupportedException(
                    $"{optimizer.GetType().Name} has a {(gradient.is_sparse ? "sparse" : "float16")} gradient, which "
                    + "cannot be unscaled in place without loss; use an optimizer of Requant, or float32 parameters.");
            }
        }

        bool isFinite = true;
        using (no_grad())
        {
            foreach (Tensor gradient in gradients)
            {
                isFinite &= gradient.isfinite().all().item<bool>();
                gradient.mul_(inverse);
            }
        }

        if (isFinite)
        {
            optimizer.step();
        }

        return isFinite;
    }

    /// <summary>The scale and how it changes.</summary>
    private sealed record Schedule(
        float Scale, double GrowthFactor, double BackoffFactor, int GrowthInterval, int GrowthTracker)
    {
        public float InverseScale
        {
            get
            {
                float inverse = (float)(1.0 / Scale);
                return float.IsFinite(inverse) ? inverse : throw new InvalidOperationException(
                    $"The scale has fallen to {Scale:R}: gradients are not finite at any scale. "
                    + "Look for NaN in the data or the model.");
            }
        }

        public static Schedule Of(IReadOnlyDictionary<string, double> entries)
        {
            double Entry(string name) =>
                entries.TryGetValue(name, out double value) ? value : throw new ArgumentException(
                    $"The state of the scaler has no '{name}'; pass what state_dict of an enabled scaler gave.",
                    nameof(entries));
            int Whole(string name) =>
                Entry(name) is double value && value == Math.Truncate(value) && Math.Abs(value) <= int.MaxValue
                    ? (int)value
                    : throw new ArgumentOutOfRangeException(
                        name, Entry(name), $"The scaler's {name} is a whole number.");
            var schedule = new Schedule(
                (float)Entry("scale"), Entry("growth_factor"), Entry("backoff_factor"), Whole("growth_interval"),
                Whole("_growth_tracker"));
            schedule.Validate();
            return schedule;
        }

        public Dictionary<string, double> ToDictionary() => new()
        {
            ["scale"] = Scale,
            ["growth_factor"] = GrowthFactor,
            ["backoff_factor"] = BackoffFactor,
            ["growth_interval"] = GrowthInterval,
            ["_growth_tracker"] = GrowthTracker,
        };

        public Schedule After(bool isGood)
        {
            if (!isGood)
            {
                return this with { Scale = (float)(Scale * BackoffFactor), GrowthTracker = 0 };
            }

            if (GrowthTracker + 1 < GrowthInterval)
            {
                return this with { GrowthTracker = GrowthTracker + 1 };
            }

            float grown = (float)(Scale * GrowthFactor);
            return this with { Scale = float.IsFinite(grown) ? grown : Scale, GrowthTracker = 0 };
        }

        public void Validate()
        {
            Require(float.IsFinite(Scale) && Scale > 0, "scale", Scale, "is finite and above 0");
            Require(
                double.IsFinite(GrowthFactor) && GrowthFactor > 1, "growth_factor", GrowthFactor,
                "is finite and above 1");
            Require(BackoffFactor is > 0 and < 1, "backoff_factor", BackoffFactor, "is between 0 and 1");
            Require(GrowthInterval >= 1, "growth_interval", GrowthInterval, "is at least 1");
            Require(GrowthTracker >= 0 && GrowthTracker < GrowthInterval, "_growth_tracker", GrowthTracker,
                "is at least 0 and below growth_interval");
        }

        private static void Require(bool holds, string name, double value, string range)
        {
            if (!holds)
            {
                throw new ArgumentOutOfRangeException(name, value, $"The scaler's {name} {range}.");
            }
        }
    }
}
