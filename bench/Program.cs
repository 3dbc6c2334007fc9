using System.CommandLine;
using Requant.Bench.Cpu;
using Requant.Bench.Generator;
using Requant.Bench.States;

var root = new RootCommand("Measurements of Requant beside its peers. Nothing here is a test: figures are ratios within one run.");
root.Subcommands.Add(CpuCommand.Create());
root.Subcommands.Add(GeneratorCommand.Create());
root.Subcommands.Add(StatesCommand.Create());
return root.Parse(args).Invoke();
