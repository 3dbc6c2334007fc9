using Requant.Cli;
using Requant.Cli.Output;

return CommandLine.Run(args, Terminal.FromEnvironment());
