using Requant.Generator.Emit.Ilgpu;
using Requant.Generator.Emit.Shared;
using Requant.Generator.Ir;
using Requant.Generator.Lower;
using Requant.Generator.Plan;
using Requant.Generator.Read;
using Requant.Generator.Support;
using Scriban.Runtime;

namespace Requant.Generator.Emit.Rule;

/// <summary>The record that carries a rule's hyperparameters and hands its kernels to the runtime.</summary>
internal static class RuleEmitter
{
    private static readonly (string Width, string Class)[] CpuClasses =
        [("Vector512", "Simd512"), ("Vector256", "Simd256"), ("Vector128", "Simd128"), ("Scalar", "Scalar")];

    public static string Emit(KernelPlan plan)
    {
        RuleModel rule = plan.Rule;
        var names = new KernelNames(plan);
        ScriptObject model = FileText.Model(plan, names);
        model["method"] = rule.MethodReference;
        model["name_literal"] = Literals.Text(rule.TypeName);
        model["hash"] = plan.Hash;
        model["contract"] = FileText.Contract;
        model["block_size"] = rule.BlockSize;
        model["source_literal"] = Literals.Text(rule.Source);
        model["states"] = new ScriptArray(rule.States.Select(state => new ScriptObject
        {
            ["name"] = Literals.Text(state.Name),
            ["codec"] = state.Codec,
            ["rounding"] = state.Rounding,
        }));
        model["line_states"] = new ScriptArray(rule.LineStates.Select((state, index) => new ScriptObject
        {
            ["name"] = Literals.Text(state.Name),
            ["level"] = state.Level.ToString(),
            ["initial"] = Literals.Float(state.Initial),
            ["new_value"] = plan.NewLineStates[index],
        }));
        model["tensor_states"] = new ScriptArray(rule.TensorStates.Select((state, index) => new ScriptObject
        {
            ["name"] = Literals.Text(state.Name),
            ["initial"] = Literals.Float(state.Initial),
            ["uniform"] = plan.NewTensorStates[index],
        }));
        model["hyperparameters"] = new ScriptArray(rule.Hyperparameters.Select(Hyperparameter));
        model["reductions"] = new ScriptArray(plan.Reductions.Select(reduction => new ScriptObject
        {
            ["kind"] = reduction.Kind,
            ["phase"] = reduction.Phase,
            ["into"] = reduction.Into == Level.Uniform ? "Tensor" : reduction.Into.ToString(),
            ["over"] = reduction.Over.ToString(),
            ["is_count"] = reduction.IsCount,
            ["slot"] = reduction.Slot,
        }));
        model["reads_shape"] = plan.ReadsShape;
        model["rows"] = Lines(plan, plan.Rows);
        model["columns"] = Lines(plan, plan.Columns);
        model["matrices"] = new ScriptArray(plan.Matrices.Select(matrix => new ScriptObject
        {
            ["phase"] = matrix.KnownPhase,
            ["norm"] = matrix.Norm,
            ["steps"] = matrix.Steps,
            ["variants"] = Bits(Enumerable.Range(0, plan.Variants.Count)
                .Where(variant => plan.Variants[variant].Phases.Any(kernel => kernel.Ops.Any(op =>
                    op.Code == OpCode.MatrixValue && op.Index == plan.Matrices.ToList().IndexOf(matrix))))
                .Sum(variant => 1 << variant)),
        }));
        model["elementwise_variants"] = Bits(Enumerable.Range(0, plan.Variants.Count)
            .Where(variant => plan.IsOfElements(plan.Variants[variant])).Sum(variant => 1 << variant));
        model["is_elementwise"] = plan.IsElementwise;
        model["line_states_written"] = new ScriptArray(plan.Variants.Select(one => Bits(one.LineStatesWritten)));
        model["host_phases"] = plan.IsElementwise || plan.HostPhases == 0 ? "" : Bits(plan.HostPhases);
        model["scratch_slots"] = CpuModel.ScratchSlots(plan);
        model["line_kernels"] = new ScriptArray(LinesModel.All(plan).Select(kernel => new ScriptObject
        {
            ["variant"] = kernel.Variant,
            ["phase"] = kernel.Phase,
            ["level"] = kernel.Level.ToString(),
            ["method"] = $"{KernelPlace.FullNameOf(rule)}.Lines.{kernel.Method}",
            ["device_method"] = $"{KernelPlace.FullNameOf(rule)}.Ilgpu.{kernel.Method}",
        }));
        model["phase_count"] = plan.PhaseCount;
        model["variant_count"] = plan.Variants.Count;
        model["uniform_count"] = plan.Uniforms.Count;
        model["finite"] = new ScriptArray(plan.Finite.Select(finite => new ScriptObject
        {
            ["name"] = Literals.Text(plan.Uniforms[finite.Slot].Name),
            ["slot"] = finite.Slot,
            ["variants"] = Bits(finite.Variants),
        }));
        model["flags"] = new ScriptArray(plan.Flags.Select(flag => HostText.Condition(rule, flag.Value)));
        model["variant_of_mask"] = new ScriptArray(plan.VariantOfMask);
        Flag[] stateFlags = StateFlags(plan);
        model["state_flags"] = new ScriptArray(stateFlags.Select(flag => HostText.Condition(rule, flag.Value)));
        model["states_in_use"] = new ScriptArray(StatesInUse(plan, stateFlags).Select(Bits));
        model["phases"] = new ScriptArray(Enumerable.Range(0, plan.PhaseCount).Select(phase => new ScriptObject
        {
            ["number"] = phase,
            ["statements"] = new ScriptArray(UniformText.Statements(plan, phase)),
        }));
        SetCodecs(model, plan, names);
        model["empty_kernels"] = new ScriptArray(
            from kernel in AllKernels(plan)
            where plan.Variants[kernel.Variant].Phases[kernel.Phase].IsEmpty
            select new ScriptObject { ["variant"] = kernel.Variant, ["phase"] = kernel.Phase });
        model["empty_device_kernels"] = new ScriptArray(
            from kernel in AllKernels(plan)
            where !DeviceKernel.All(plan).Any(device => device.Into == Level.Uniform
                && device.Variant == kernel.Variant && device.Phase == kernel.Phase)
            select new ScriptObject { ["variant"] = kernel.Variant, ["phase"] = kernel.Phase });
        model["finishes"] = new ScriptArray(
            Enumerable.Range(0, plan.Finishes.Count).Where(plan.HasFinish)
                .Select(phase => new ScriptObject
                {
                    ["phase"] = phase,
                    ["method"] = $"{KernelPlace.FullNameOf(rule)}.Ilgpu.{KernelModel.FinishName(phase)}",
                }));
        return Templates.Render("Rule", model);
    }

    private static ScriptArray Lines(KernelPlan plan, EquatableArray<LineSlot> slots) => new(
        slots.Select(slot => new ScriptObject
        {
            ["state"] = slot.State < 0 ? -1 : plan.Rule.States.Count + slot.State,
            ["reduction"] = slot.Reduction,
        }));

    /// <summary>Kernels by variant and phase, and for each choice of codecs the types that they are
    /// compiled for.</summary>
    private static void SetCodecs(ScriptObject model, KernelPlan plan, KernelNames names)
    {
        model["codec_arguments"] = TypeArguments(names.Codecs);
        model["device_arguments"] = TypeArguments(KernelNames.ElementTypes.Concat(names.Codecs));
        model["cpu_kernels"] = new ScriptArray(CpuKernels(plan, TypeArguments(names.Codecs)));
        ScriptObject[] device =
            [.. DeviceKernels(plan, TypeArguments(KernelNames.ElementTypes.Concat(names.Codecs)))];
        model["device_kernels"] = new ScriptArray(device.Where(IsByBlock));
        model["reduction_kernels"] = new ScriptArray(device.Where(kernel => !IsByBlock(kernel)));
        model["cpu_codecs"] = new ScriptArray(CodecTypes.Choices.Select(choice => new ScriptObject
        {
            ["choice"] = choice,
            ["arguments"] = TypeArguments(plan.Rule.States.Select(state => CodecTypes.Cpu(state, choice))),
        }));
        model["device_codecs"] = new ScriptArray(
            from choice in CodecTypes.Choices
            from rounding in CodecTypes.Roundings(choice)
            select new ScriptObject
            {
                ["choice"] = choice,
                ["rounding"] = rounding,
                ["arguments"] = TypeArguments(KernelNames.ElementTypes.Concat(
                    plan.Rule.States.Select(state => CodecTypes.Device(state, choice, rounding)))),
            });
    }

    private static bool IsByBlock(ScriptObject kernel) => (string)kernel["into"]! == nameof(Level.Uniform);

    private static ScriptObject Hyperparameter(HyperparameterModel hyperparameter)
    {
        (string type, string literal, string toDouble, string fromDouble) = hyperparameter.Type switch
        {
            IrType.Float => ("float", Literals.Float((float)hyperparameter.DefaultValue), "", "(float)value"),
            IrType.Double => ("double", Literals.Double(hyperparameter.DefaultValue), "", "value"),
            IrType.Int => ("int", Literals.Int((int)hyperparameter.DefaultValue), "", "(int)value"),
            _ => ("bool", Literals.Bool(hyperparameter.DefaultValue != 0), " ? 1 : 0", "value != 0"),
        };
        return new ScriptObject
        {
            ["name"] = hyperparameter.Name,
            ["name_literal"] = Literals.Text(hyperparameter.Name),
            ["summary"] = HyperparameterText.Of(hyperparameter),
            ["description"] = hyperparameter.Description.Length == 0 ? "" : Literals.Text(hyperparameter.Description),
            ["property"] = Names.Escape(hyperparameter.PropertyName),
            ["type"] = type,
            ["kind"] = hyperparameter.Type.ToString(),
            ["field"] = hyperparameter.FieldName,
            ["range"] = RangeOf(hyperparameter),
            ["default"] = literal,
            ["default_text"] = literal.TrimEnd('f', 'd'),
            ["default_double"] = Literals.Double(hyperparameter.DefaultValue),
            ["to_double"] = toDouble,
            ["from_double"] = fromDouble,
        };
    }

    /// <summary>What checks a value; empty where the type has no others.</summary>
    private static string RangeOf(HyperparameterModel hyperparameter)
    {
        RangeModel range = hyperparameter.Range;
        if (range.Equals(RangeModel.Of(hyperparameter.Type, defaultValue: 0)))
        {
            return hyperparameter.Type switch
            {
                IrType.Float => "global::Requant.HyperparameterRange.Finite",
                IrType.Double => "global::Requant.HyperparameterRange.FiniteDoubles",
                _ => "",
            };
        }

        string Bound(double bound) => hyperparameter.Type == IrType.Int ? Literals.Int((int)bound)
            : hyperparameter.Type == IrType.Double ? Literals.Double(bound)
            : bound == float.MaxValue ? "float.MaxValue"
            : bound == -float.MaxValue ? "-float.MaxValue"
            : Literals.Float((float)bound);
        return $"new global::Requant.HyperparameterRange({Bound(range.Minimum)}, {Bound(range.Maximum)}"
            + (range.IsMinimumExclusive ? ", isMinimumExclusive: true" : "")
            + (range.IsMaximumExclusive ? ", isMaximumExclusive: true" : "") + ")";
    }

    /// <summary>Flags by which hyperparameters decide which states are in use; none where all variants
    /// use the same.</summary>
    private static Flag[] StateFlags(KernelPlan plan)
    {
        Flag[] flags = [.. plan.Flags.Where(flag => !flag.NeedsStep)];
        return StatesInUse(plan, flags).Distinct().Count() > 1 ? flags : [];
    }

    /// <summary>For each combination of some flags the states that are in use with any value of the others.</summary>
    private static int[] StatesInUse(KernelPlan plan, Flag[] flags)
    {
        var inUse = new int[1 << flags.Length];
        for (int mask = 0; mask < plan.VariantOfMask.Count; mask++)
        {
            int combination = 0;
            for (int bit = 0; bit < plan.Flags.Count; bit++)
            {
                int position = Array.IndexOf(flags, plan.Flags[bit]);
                combination |= position >= 0 && (mask & (1 << bit)) != 0 ? 1 << position : 0;
            }

            inUse[combination] |= plan.Variants[plan.VariantOfMask[mask]].StatesInUse(plan);
        }

        return inUse;
    }

    private static string Bits(int states) => "0b" + Convert.ToString(states, 2);

    private static IEnumerable<ScriptObject> CpuKernels(KernelPlan plan, string typeArguments) =>
        from kernel in AllKernels(plan)
        where !plan.Variants[kernel.Variant].Phases[kernel.Phase].IsEmpty
        from cpu in CpuClasses
        select new ScriptObject
        {
            ["variant"] = kernel.Variant,
            ["phase"] = kernel.Phase,
            ["width"] = cpu.Width,
            ["method"] = $"{KernelPlace.FullNameOf(plan.Rule)}.{cpu.Class}.{kernel.Method}{typeArguments}",
        };

    private static IEnumerable<ScriptObject> DeviceKernels(KernelPlan plan, string typeArguments) =>
        from kernel in DeviceKernel.All(plan)
        select new ScriptObject
        {
            ["variant"] = kernel.Variant,
            ["phase"] = kernel.Phase,
            ["into"] = kernel.Into.ToString(),
            ["method"] = $"{KernelPlace.FullNameOf(plan.Rule)}.Ilgpu.{kernel.Method}{typeArguments}",
        };

    private static IEnumerable<(int Variant, int Phase, string Method)> AllKernels(KernelPlan plan) =>
        from variant in Enumerable.Range(0, plan.Variants.Count)
        from phase in Enumerable.Range(0, plan.PhaseCount)
        select (variant, phase, KernelModel.MethodName(plan.Variants[variant], phase));

    private static string TypeArguments(IEnumerable<string> arguments)
    {
        string list = string.Join(", ", arguments);
        return list.Length == 0 ? "" : $"<{list}>";
    }
}
