using System.Reflection;
using Requant.CompilerServices;
using Requant.Devices;

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

    private sealed class Entry<TRule>() : RuleEntry(typeof(TRule), RuleInfo.Of<TRule>())
        where TRule : IOptimizerRule<TRule>
    {
        public override int DefaultVariant =>
            Activator.CreateInstance<TRule>().SelectVariant(new TensorStep
            {
                Step = TypicalStep, UnusedStates = 0, Rows = TypicalSide, Columns = TypicalSide, IsMatrix = true,
            });

        public override int DefaultStatesInUse => Activator.CreateInstance<TRule>().StatesInUse(default);

        public override MethodInfo? DeviceKernel(in LaunchKey key, int phase, StateLevel into) =>
            DeviceKernels.Get<TRule>(key, phase, into)?.Method;

        public override MethodInfo? LineKernel(int variant, int phase, StateLevel level) =>
            TRule.GetDeviceLineKernel(variant, phase, level)?.Method;

        public override MethodInfo? FinishKernel(int phase) => TRule.GetFinishKernel(phase)?.Method;

        public override MethodInfo? CpuKernel(int variant, int phase, SimdWidth width, StateFormat states) =>
            TRule.GetCpuKernel(variant, phase, width, states)?.Method;
    }
}
