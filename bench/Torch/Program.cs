using System.CommandLine;
using Requant.Bench.TorchTensors;
using TorchSharp;

const int Failed = 1;

var folder = new Argument<DirectoryInfo>("DIR")
{
    Description = "A folder with a libtorch, as torch/lib of Python's torch.",
};
var device = new Option<string>("--device")
{
    Description = "cuda, or cpu to try the program itself.",
    DefaultValueFactory = _ => "cuda",
};
device.AcceptOnlyFromAmong("cuda", "cpu");
folder.AcceptExistingOnly();
var root = new RootCommand(
    "Trains with the TorchSharp optimizers on tensors of a GPU and on those of the CPU, and compares all bits.")
{
    folder, device,
};
root.SetAction(parsed =>
{
    if (LibTorchFolder.Load(parsed.GetRequiredValue(folder).FullName, Console.Out) is string missing)
    {
        Console.Error.WriteLine($"requant-torch: {missing}");
        return Failed;
    }

    bool isCuda = parsed.GetValue(device) == "cuda";
    if (isCuda && !torch.cuda_is_available())
    {
        Console.Error.WriteLine(
            "requant-torch: this libtorch finds no GPU. It has to be one for CUDA, of the version that TorchSharp is "
            + "built for, beside a driver that is new enough.");
        return Failed;
    }

    bool isEqual = TensorChecks.Run(isCuda ? torch.CUDA : torch.CPU, Console.Out);
    if (isCuda)
    {
        StepTimes.Run(torch.CUDA, Console.Out);
    }

    return isEqual ? 0 : Failed;
});
return root.Parse(args).Invoke();
