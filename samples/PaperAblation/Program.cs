using System.Diagnostics;
using Requant.Samples;
using Requant.Samples.PaperAblation;
using TorchSharp;

OpenMp.LimitSpinning();
torch.set_num_threads(1);
var corpus = new WordCorpus(int.Parse(args[0]));
Console.WriteLine($"{corpus.Training.Length} {corpus.Validation.Length} {corpus.FrequencyLoss}");
int steps = int.Parse(args[1]);
float lr = float.Parse(args[2]);
int seed = int.Parse(args[3]);
foreach (Variant v in Variant.All)
{
    long t = Stopwatch.GetTimestamp();
    RunResult r = new TrainingRun(corpus, new RunPlan(v, Setting.Default, seed, steps, lr)).Train();
    double best = Enumerable.Range(0, Math.Max(1, r.TrainingLosses.Count - 20)).Min(i => r.TrainingLosses.Skip(i).Take(20).Average());
    Console.WriteLine($"{v.Title,-35} loss {r.Loss:0.0000} steps {r.TrainingLosses.Count} max {r.TrainingLosses.Max():0.00} min20 {best:0.000} {Stopwatch.GetElapsedTime(t).TotalSeconds:0.0}s");
}
