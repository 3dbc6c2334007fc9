using Requant.Generator.Analyze;
using Requant.Generator.Ir;
using Requant.Generator.Parse;
using Requant.Generator.Support;
using Scriban.Runtime;

namespace Requant.Generator.Emit.Rule;

/// <summary>The record that carries a rule's hyperparameters and hands its kernels to the runtime.</summary>
internal static class RuleEmitter
{
    private static readonly (string Width, string Class)[] CpuClasses =
        [("Vector512", "Simd512"), ("Vector256", "Simd256"), ("Vector128", "Simd128"), ("Scalar", "Scalar")];

    /// <summary>States by their codecs, and all in float32.</summary>
    private static readonly bool[] Storages = [true, false];

    public static string Emit(KernelPlan plan)
    {
        RuleModel rule = plan.Rule;
        ScriptObject model = FileText.Model(plan, new KernelNames(plan));
        model["method"] = rule.MethodReference;
        model["name_literal"] = Literals.Text(rule.TypeName);
        model["hash"] = plan.Hash;
        model["precision"] = rule.IsFast ? "Fast" : "Exact";
        model["source_literal"] = Literals.Text(rule.Source);
        model["states"] = new ScriptArray(rule.States.Select(state => new ScriptObject
        {
            ["name"] = Literals.Text(state.Name),
            ["codec"] = state.Codec,
            ["block_size"] = state.BlockSize,
        }));
        model["hyperparameters"] = new ScriptArray(rule.Hyperparameters.Select(Hyperparameter));
        model["reductions"] = new ScriptArray(plan.Reductions.Select(reduction => new ScriptObject
        {
            ["kind"] = reduction.Kind,
            ["phase"] = reduction.Phase,
        }));
        model["phase_count"] = plan.PhaseCount;
        model["variant_count"] = plan.Variants.Count;
        model["uniform_count"] = plan.Uniforms.Count;
        model["flags"] = new ScriptArray(plan.Flags.Select(flag => HostText.Condition(rule, flag.Value)));
        model["variant_of_mask"] = new ScriptArray(plan.VariantOfMask);
        model["phases"] = new ScriptArray(Enumerable.Range(0, plan.PhaseCount).Select(phase => new ScriptObject
        {
            ["number"] = phase,
            ["statements"] = new ScriptArray(UniformText.Statements(plan, phase)),
        }));
        model["cpu_kernels"] = new ScriptArray(CpuKernels(plan));
        model["device_kernels"] = new ScriptArray(DeviceKernels(plan));
        return Templates.Render("Rule", model);
    }

    private static ScriptObject Hyperparameter(HyperparameterModel hyperparameter)
    {
        (string type, string literal, string toDouble, string fromDouble) = hyperparameter.Type switch
        {
            IrType.Float => ("float", Literals.Float((float)hyperparameter.DefaultValue), "", "(float)value"),
            IrType.Int => ("int", Literals.Int((int)hyperparameter.DefaultValue), "", "(int)value"),
            _ => ("bool", Literals.Bool(hyperparameter.DefaultValue != 0), " ? 1 : 0", "value != 0"),
        };
        return new ScriptObject
        {
            ["name"] = hyperparameter.Name,
            ["name_literal"] = Literals.Text(hyperparameter.Name),
            ["property"] = Names.Escape(hyperparameter.PropertyName),
            ["type"] = type,
            ["kind"] = hyperparameter.Type.ToString(),
            ["default"] = literal,
            ["default_text"] = literal.TrimEnd('f'),
            ["default_double"] = Literals.Double(hyperparameter.DefaultValue),
            ["to_double"] = toDouble,
            ["from_double"] = fromDouble,
        };
    }

    private static IEnumerable<ScriptObject> CpuKernels(KernelPlan plan) =>
        from kernel in AllKernels(plan)
        from cpu in CpuClasses
        from quantized in Storages
        select new ScriptObject
        {
            ["variant"] = kernel.Variant,
            ["phase"] = kernel.Phase,
            ["width"] = cpu.Width,
            ["quantized"] = Literals.Bool(quantized),
            ["method"] = cpu.Class + "." + kernel.Method + TypeArguments(plan, [], state => "global::Requant.Quantization." + (quantized ? state.Codec : "Float32") + "Codec"),
        };

    private static IEnumerable<ScriptObject> DeviceKernels(KernelPlan plan) =>
        from kernel in AllKernels(plan)
        from quantized in Storages
        select new ScriptObject
        {
            ["variant"] = kernel.Variant,
            ["phase"] = kernel.Phase,
            ["quantized"] = Literals.Bool(quantized),
            ["method"] = "Ilgpu." + kernel.Method + TypeArguments(plan, KernelNames.ElementTypes, state =>
                "global::Requant.Ilgpu." + (quantized && state.Codec != "Float32" ? "Quantized" : "Float32") + "DeviceCodec"),
        };

    private static IEnumerable<(int Variant, int Phase, string Method)> AllKernels(KernelPlan plan) =>
        from variant in Enumerable.Range(0, plan.Variants.Count)
        from phase in Enumerable.Range(0, plan.PhaseCount)
        select (variant, phase, KernelModel.MethodName(plan.Variants[variant].Phases[phase], variant, phase));

    private static string TypeArguments(KernelPlan plan, IReadOnlyList<string> elementTypes, Func<StateModel, string> codec)
    {
        string[] arguments = [.. elementTypes, .. plan.Rule.States.Select(codec)];
        return arguments.Length == 0 ? "" : $"<{string.Join(", ", arguments)}>";
    }
}
