using System.CommandLine;
using System.Reflection;
using Requant.Cli.Rules;

namespace Requant.Cli.Commands;

/// <summary>What <c>requant inspect RULE --as asm</c> runs in a process of its own: compiles a kernel, and prints what
/// the runtime calls its methods.</summary>
internal static class PrepareCommand
{
    /// <summary>Not in the help: it is of no use by itself.</summary>
    public const string Name = "prepare-kernel";

    public static Command Create()
    {
        var rule = new Argument<string>("RULE");
        Option<string?> assembly = CommonOptions.Assembly();
        var width = new Option<SimdWidth>("--width") { Required = true };
        Option<StateCodecs?> codecs = CommonOptions.Codecs();
        var variant = new Option<int>("--variant") { Required = true };
        var command = new Command(Name) { rule, assembly, width, codecs, variant };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            RuleEntry entry = RuleCatalog.Load(parsed.GetValue(assembly)).Find(parsed.GetRequiredValue(rule));
            foreach (KernelMethods kernel in KernelMethods.Of(
                entry, parsed.GetValue(variant), parsed.GetValue(width),
                KernelStates.Of(parsed.GetValue(codecs), null)))
            {
                kernel.Prepare();
                foreach (MethodInfo method in kernel.Methods)
                {
                    Console.WriteLine($"{JitOutput.KeyOf(method)} {method.MethodHandle.Value}");
                }
            }

            return ExitCodes.Done;
        });
        return command;
    }
}
