using static TorchSharp.torch;

namespace Requant.Torch;

/// <summary>The devices of an optimizer, each with a part of its parameters. A step is one step of all.</summary>
/// <param name="rule">The rule.</param>
/// <param name="options">For all of them.</param>
/// <param name="offloads">Whether states of long tensors are in host memory.</param>
internal sealed class DeviceParts<TRule>(TRule rule, OptimizerOptions options, bool offloads) : IDisposable
    where TRule : IOptimizerRule<TRule>
{
    private readonly List<DevicePart<TRule>> _parts = [];

    public IReadOnlyList<DevicePart<TRule>> All => _parts;

    public OptimizerOptions Options => options;

    public long SkippedElements => _parts.Sum(part => part.Optimizer.SkippedElements);

    public double? GradientNorm => First?.GradientNorm;

    public long SkippedSteps => First?.SkippedSteps ?? 0;

    public bool LastStepSkipped => First?.LastStepSkipped ?? false;

    /// <summary>All of them take part in each step, so that each knows what became of it.</summary>
    private Optimizer<TRule>? First => _parts.Count > 0 ? _parts[0].Optimizer : null;

    /// <summary>The part of a tensor; made when it is first asked for.</summary>
    public DevicePart<TRule> Of(Tensor tensor)
    {
        TensorPlace place = TensorPlace.Of(tensor);
        Device device = offloads && tensor.NumberOfElements >= options.MinQuantizedLength
            ? place.Device.WithStatesOnHost()
            : place.Device;
        DevicePart<TRule>? part = _parts.Find(
            one => one.Place == place && one.HasStatesOnHost == device.HasStatesOnHost);
        if (part is null)
        {
            part = new DevicePart<TRule>(place, device, rule, options);
            _parts.Add(part);
        }

        return part;
    }

    /// <summary>Takes a group's parameters out.</summary>
    public void Remove(ParameterGroupStep<TRule> owner) => _parts.ForEach(part => part.Remove(owner));

    /// <summary>Takes the step whose updates the parts have.</summary>
    /// <param name="scale">What gradients are multiplied by.</param>
    /// <param name="policy">What happens where they are not finite.</param>
    /// <param name="seed">Of stochastic rounding.</param>
    /// <param name="updating">Called once, before anything is written.</param>
    public void Step(float scale, NonFinitePolicy policy, ulong seed, Action updating)
    {
        foreach (DevicePart<TRule> part in _parts)
        {
            part.Optimizer.GradientScale = scale;
            part.Optimizer.NonFinite = policy;
            part.Optimizer.RoundingSeed = seed;
            part.Optimizer.Updating = part == _parts[0] ? updating : null;
        }

        if (_parts is [DevicePart<TRule> only])
        {
            only.Optimizer.Step(only.Place.Stream, only.Updates.Span);
            return;
        }

        // Devices work on their parts while the host takes its own.
        Optimizer<TRule>.StepTogether(
        [
            .. _parts.OrderBy(part => part.HasStatesOnHost)
                .Select(part => new StepPart<TRule>(part.Optimizer, part.Place.Stream, part.Updates)),
        ]);
    }

    public void Dispose() => _parts.ForEach(part => part.Dispose());
}
