using System.Reflection;
using Requant.CompilerServices;
using Requant.Devices;
using Requant.Optimizers;

namespace Requant.Bench.Gpu.Rules;

/// <summary>A rule, whatever its type.</summary>
internal abstract class GpuRule
{
    /// <summary>Steps among which the variants of a schedule are looked for: what runs here takes fewer.</summary>
    protected const int MostSteps = 200;

    /// <summary>The shipped rules by name, <c>Adam</c> first: what is known of it is wanted most.</summary>
    public static IReadOnlyList<GpuRule> Shipped { get; } =
    [
        .. typeof(Adam).Assembly.GetTypes().Where(IsRule).Select(Create)
            .OrderBy(rule => rule.Name != nameof(Adam)).ThenBy(rule => rule.Name, StringComparer.Ordinal),
    ];

    /// <summary>The rule's name.</summary>
    public abstract string Name { get; }

    /// <summary>States of an element.</summary>
    public abstract int StateCount { get; }

    /// <summary>An optimizer whose states are in the processor's memory.</summary>
    public abstract IRuleSteps OnHost(OptimizerOptions options);

    /// <summary>An optimizer on a device of CUDA.</summary>
    /// <param name="options">Its device among them.</param>
    /// <param name="stream">Where steps wait for their turn.</param>
    public abstract IRuleSteps OnDevice(OptimizerOptions options, nint stream);

    /// <summary>The kernels of all steps.</summary>
    public abstract IEnumerable<RuleKernel> Kernels(ElementPair types, StateFormat states, string architecture);

    /// <inheritdoc/>
    public override string ToString() => Name;

    private static bool IsRule(Type type) => Array.Exists(type.GetInterfaces(), found =>
        found.IsGenericType && found.GetGenericTypeDefinition() == typeof(IOptimizerRule<>));

    private static GpuRule Create(Type type)
    {
        object rule = Activator.CreateInstance(type)!;
        return (GpuRule)Activator.CreateInstance(
            typeof(GpuRule<>).MakeGenericType(type),
            BindingFlags.Instance | BindingFlags.Public | BindingFlags.DoNotWrapExceptions, null,
            [rule, rule], null)!;
    }
}

/// <summary>A rule.</summary>
/// <param name="reference">What the processor runs.</param>
/// <param name="onDevice">What the device runs: the same, but in tests of what a check finds.</param>
/// <typeparam name="TRule">Its type.</typeparam>
internal sealed class GpuRule<TRule>(TRule reference, TRule onDevice) : GpuRule
    where TRule : IOptimizerRule<TRule>
{
    /// <inheritdoc/>
    public override string Name => TRule.Info.Name;

    /// <inheritdoc/>
    public override int StateCount => TRule.Info.States.Count;

    /// <inheritdoc/>
    public override IRuleSteps OnHost(OptimizerOptions options) =>
        new Steps(new Optimizer<TRule>(reference, options), stream: null);

    /// <inheritdoc/>
    public override IRuleSteps OnDevice(OptimizerOptions options, nint stream) =>
        new Steps(new Optimizer<TRule>(onDevice, options), stream);

    /// <inheritdoc/>
    public override IEnumerable<RuleKernel> Kernels(ElementPair types, StateFormat states, string architecture) =>
        Passes(types, states, architecture).Concat(Finishes(architecture));

    private IEnumerable<RuleKernel> Passes(ElementPair types, StateFormat states, string architecture) =>
        from variant in Enumerable.Range(1, MostSteps).Select(step => onDevice.SelectVariant(
            new TensorStep { Step = step, UnusedStates = step == 1 ? -1 : 0 }))
            .Distinct()
        from phase in Enumerable.Range(0, TRule.Info.PhaseCount)
        let kernel = DeviceKernels.Get<TRule>(variant, phase, states, types.Parameter, types.Gradient)
        where kernel is not null
        select new RuleKernel(
            PtxCacheKey.For<TRule>(variant, phase, states, types.Parameter, types.Gradient, architecture),
            kernel.Method);

    private static IEnumerable<RuleKernel> Finishes(string architecture) =>
        from phase in Enumerable.Range(0, TRule.Info.PhaseCount - 1)
        let kernel = TRule.GetFinishKernel(phase)
        where kernel is not null
        select new RuleKernel(PtxCacheKey.ForFinish<TRule>(phase, architecture), kernel.Method);

    /// <summary>Of tensors that have a multiple of them: rules that see the matrix shall see one.</summary>
    private const int Columns = 64;

    private sealed class Steps(Optimizer<TRule> optimizer, nint? stream) : IRuleSteps
    {
        public long LastSkipped => optimizer.LastStepSkippedElements;

        public float GradientScale
        {
            set => optimizer.GradientScale = value;
        }

        public double? GradientNorm => optimizer.GradientNorm;

        public long SkippedSteps => optimizer.SkippedSteps;

        public ParameterState Add(string name, long length) =>
            optimizer.Add(name, length % Columns == 0 && length > Columns ? [length / Columns, Columns] : [length]);

        public void Step(TensorUpdate[] updates)
        {
            if (stream is nint handle)
            {
                optimizer.Step(handle, updates);
            }
            else
            {
                optimizer.Step(updates);
            }
        }

        public void Dispose() => optimizer.Dispose();
    }
}
