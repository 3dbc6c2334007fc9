using System.CommandLine;
using Requant.Bench.Cpu;
using Requant.Bench.Generator;

var root = new RootCommand("Measurements of Requant beside its peers. Nothing here is a test: figures are ratios within one run.");
root.Subcommands.Add(CpuCommand.Create());
root.Subcommands.Add(GeneratorCommand.Create());
return root.Parse(args).Invoke();
