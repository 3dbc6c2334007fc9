using Requant.Bench.Gpu;

return GpuCommandLine.Run(args, Console.Out, Console.Error);
