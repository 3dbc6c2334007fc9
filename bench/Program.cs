using Requant.Bench;

return BenchCommandLine.Run(args, Console.Error);
