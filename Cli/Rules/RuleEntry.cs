using System.Reflection;
using Requant.CompilerServices;
using Requant.Devices;
using Requant.Numerics;

namespace Requant.Cli.Rules;

/// <summary>A generated rule, found by reflection.</summary>
internal abstract class RuleEntry(Type type, RuleInfo info)
{
    /// <summary>The first step may select a kernel of its own; from the second on it is the one that
    /// training runs.</summary>
    public const int TypicalStep = 2;

    /// <summary>Rules that ask for the shape are for matrices: as many rows and columns as they may have.</summary>
    private const int TypicalSide = 1024;

    /// <summary>The generated record.</summary>
    public Type Type { get; } = type;

    /// <summary>What the generator found out about it.</summary>
    public RuleInfo Info { get; } = info;

    /// <summary>Namespace and name.</summary>
    public string FullName => Type.FullName ?? Type.Name;

    /// <summary>Specialised kernel that a rule with default hyperparameters selects at
    /// <see cref="TypicalStep"/>.</summary>
    public abstract int DefaultVariant { get; }

    /// <summary>The states that default hyperparameters make use of: bit i for state i.</summary>
    public abstract int DefaultStatesInUse { get; }

    /// <summary>The ILGPU kernel of a launch, or that which takes its sums of rows or columns; null where the variant
    /// has nothing to do in that phase.</summary>
    public abstract MethodInfo? DeviceKernel(in LaunchKey key, int phase, StateLevel into = StateLevel.Tensor);

    /// <summary>The ILGPU kernel of values of rows or columns that come before the elements of a phase; null where the
    /// variant has none.</summary>
    public abstract MethodInfo? LineKernel(int variant, int phase, StateLevel level);

    /// <summary>The ILGPU kernel of what becomes known after a phase; null where the host computes it.</summary>
    public abstract MethodInfo? FinishKernel(int phase);

    /// <summary>The CPU kernel for states of the given codecs; null where the variant has nothing to do in that
    /// phase.</summary>
    public abstract MethodInfo? CpuKernel(int variant, int phase, SimdWidth width, StateFormat states);

    /// <summary>What a step of a variant executes, by the interpreter of PTX; null where no hyperparameters were found
    /// that select the variant.</summary>
    public abstract StepCounts? Count(int variant, StateFormat states, ElementType elements);

    /// <summary>The variant asked for, or the one of default hyperparameters at
    /// <see cref="TypicalStep"/> when null.</summary>
    /// <exception cref="CommandException">There is no such variant.</exception>
    public int RequireVariant(int? variant)
    {
        int chosen = variant ?? DefaultVariant;
        return chosen >= 0 && chosen < Info.VariantCount
            ? chosen
            : throw new CommandException(
                Info.VariantCount == 1
                    ? $"Rule '{FullName}' has no variant {chosen}: it is not specialised, and its one variant is 0."
                    : $"Rule '{FullName}' has no variant {chosen}; --variant takes 0 to {Info.VariantCount - 1}, "
                        + $"which 'requant inspect {Type.Name} --as ir' describes.");
    }

    /// <summary>Whether <paramref name="type"/> is a rule that can be made with default hyperparameters.</summary>
    public static bool IsRule(Type type) =>
        type is { IsAbstract: false, ContainsGenericParameters: false }
        && (type.IsValueType || type.GetConstructor(Type.EmptyTypes) is not null)
        && Array.Exists(type.GetInterfaces(), found =>
            found.IsGenericType
            && found.GetGenericTypeDefinition() == typeof(IOptimizerRule<>)
            && found.GenericTypeArguments[0] == type);

    /// <summary>The entry of a type for which <see cref="IsRule"/> holds.</summary>
    public static RuleEntry Create(Type type) => (RuleEntry)Activator.CreateInstance(
        typeof(Entry<>).MakeGenericType(type),
        BindingFlags.Instance | BindingFlags.Public | BindingFlags.DoNotWrapExceptions, null, null, null)!;

    /// <summary>A matrix, which rules that tell it from a vector are for.</summary>
    private static TensorStep Typical => new()
    {
        Step = TypicalStep, Rows = TypicalSide, Columns = TypicalSide, IsMatrix = true,
    };

    private sealed class Entry<TRule>() : RuleEntry(typeof(TRule), RuleInfo.Of<TRule>())
        where TRule : IOptimizerRule<TRule>
    {
        public override int DefaultVariant =>
            Activator.CreateInstance<TRule>().SelectVariant(Typical);

        public override int DefaultStatesInUse => Activator.CreateInstance<TRule>().StatesInUse(Typical);

        public override MethodInfo? DeviceKernel(in LaunchKey key, int phase, StateLevel into) =>
            DeviceKernels.Get<TRule>(key, phase, into)?.Method;

        public override MethodInfo? LineKernel(int variant, int phase, StateLevel level) =>
            TRule.GetDeviceLineKernel(variant, phase, level)?.Method;

        public override MethodInfo? FinishKernel(int phase) => TRule.GetFinishKernel(phase)?.Method;

        public override MethodInfo? CpuKernel(int variant, int phase, SimdWidth width, StateFormat states) =>
            TRule.GetCpuKernel(variant, phase, width, states)?.Method;

        public override StepCounts? Count(int variant, StateFormat states, ElementType elements) =>
            Selecting(variant) is { } rule ? StepCounts.Measure(rule, states, elements) : null;

        /// <summary>A rule that selects a variant: with its defaults, or one or two of them changed.</summary>
        private static TRule? Selecting(int variant)
        {
            TRule start = Activator.CreateInstance<TRule>();
            IEnumerable<TRule> one = Changed(start);
            return new[] { start }.Concat(one).Concat(one.SelectMany(Changed))
                .FirstOrDefault(rule => rule.SelectVariant(Typical) == variant);
        }

        private static IEnumerable<TRule> Changed(TRule rule) =>
            from index in Enumerable.Range(0, RuleInfo.Of<TRule>().Hyperparameters.Count)
            from value in new[] { 0, 1, 0.5, 2 }
            let changed = TryChange(rule, index, value)
            where changed is not null
            select changed;

        private static TRule? TryChange(TRule rule, int index, double value)
        {
            try
            {
                return rule.WithHyperparameter(index, value);
            }
            catch (ArgumentException)
            {
                return default;
            }
        }
    }
}
