using Requant.Bench.Gpu.Rules;
using Requant.CompilerServices;
using Requant.Devices.Driver;

namespace Requant.Bench.Gpu.Check;

/// <summary>One side of a check: an optimizer and the parameters that it trains.</summary>
internal abstract class CheckSide : IDisposable
{
    private readonly IRuleSteps _steps;
    private readonly RuleCase _case;

    protected CheckSide(RuleCase one, CheckModel model, IRuleSteps steps)
    {
        _case = one;
        Model = model;
        _steps = steps;
        _steps.GradientScale = model.GradientScale;
        try
        {
            States = [.. model.Lengths.Select((length, tensor) => steps.Add($"{tensor}", length))];
        }
        catch
        {
            steps.Dispose();
            throw;
        }
    }

    /// <summary>The tensors.</summary>
    public CheckModel Model { get; }

    /// <summary>Their states.</summary>
    public IReadOnlyList<ParameterState> States { get; }

    /// <summary>Elements that the last step skipped.</summary>
    public long LastSkipped => _steps.LastSkipped;

    /// <summary>Bits of the norm that the last step measured, or -1, and the steps skipped so far.</summary>
    public long[] Measured =>
        [_steps.GradientNorm is double norm ? BitConverter.DoubleToInt64Bits(norm) : -1, _steps.SkippedSteps];

    /// <summary>Where the parameters are.</summary>
    protected abstract nint ParameterAddress { get; }

    /// <summary>The parameters' memory after the steps so far, laid out as the model's image.</summary>
    public abstract byte[] ReadParameters();

    /// <summary>Takes a step.</summary>
    public void Step(int step)
    {
        TensorImage parameters = Model.Parameters(_case.Types.Parameter);
        TensorImage gradients = Model.Gradients(_case.Types.Gradient, step);
        nint gradient = PlaceGradients(gradients);
        _steps.Step([.. States.Select((state, tensor) => new TensorUpdate(
            state, ParameterAddress + (nint)parameters.Offset(tensor), gradient + (nint)gradients.Offset(tensor),
            _case.Types.Parameter,
            _case.Types.Gradient))]);
    }

    /// <inheritdoc/>
    public virtual void Dispose() => _steps.Dispose();

    /// <summary>Makes the gradients of a step readable.</summary>
    /// <returns>Their address.</returns>
    protected abstract nint PlaceGradients(TensorImage gradients);
}

/// <summary>The scalar kernels, which define a rule, on all cores.</summary>
internal sealed class HostSide(RuleCase one, CheckModel model) : CheckSide(
    one, model, one.Rule.OnHost(
        model.Options(one.Format) with { SimdWidth = SimdWidth.Scalar, MaxThreads = Environment.ProcessorCount }))
{
    private readonly byte[] _parameters = model.Parameters(one.Types.Parameter).Copy();

    /// <inheritdoc/>
    protected override nint ParameterAddress => TensorImage.Address(_parameters);

    /// <inheritdoc/>
    public override byte[] ReadParameters() => _parameters;

    /// <inheritdoc/>
    protected override nint PlaceGradients(TensorImage gradients) => TensorImage.Address(gradients.Memory);
}

/// <summary>The kernels of a device.</summary>
internal sealed class DeviceSide : CheckSide
{
    private readonly GpuSession _session;
    private readonly CudaBuffer _parameters;
    private readonly CudaBuffer _gradients;
    private readonly byte[] _read;

    public DeviceSide(GpuSession session, RuleCase one, CheckModel model)
        : base(
            one, model, one.Rule.OnDevice(model.Options(one.Format) with { Device = session.Device }, session.Stream))
    {
        _session = session;
        TensorImage image = model.Parameters(one.Types.Parameter);
        _read = image.Copy();
        _parameters = session.Context.Allocate(_read.Length);
        _gradients = session.Context.Allocate(model.Gradients(one.Types.Gradient, step: 1).Memory.Length);
        session.Context.CopyToDevice<byte>(_parameters.Address, _read);
    }

    /// <inheritdoc/>
    protected override nint ParameterAddress => (nint)_parameters.Address;

    /// <inheritdoc/>
    public override byte[] ReadParameters()
    {
        _session.Context.Synchronize(_session.Stream);
        _session.Context.CopyToHost(_read.AsSpan(), _parameters.Address);
        return _read;
    }

    /// <inheritdoc/>
    protected override nint PlaceGradients(TensorImage gradients)
    {
        // The step before must have read its own, and the copy is on another stream.
        _session.Context.Synchronize(_session.Stream);
        _session.Context.CopyToDevice<byte>(_gradients.Address, gradients.Memory);
        return (nint)_gradients.Address;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        _parameters.Dispose();
        _gradients.Dispose();
    }
}
