// Trains one problem with the rule of MyRules.cs: an array with 8-bit states, another with float32 states, and a
// TorchSharp parameter.
using Requant;
using Requant.Samples.FirstRule;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

const int Features = 4096; // Shorter tensors than OptimizerOptions.MinQuantizedLength keep float32 states.
var problem = new LogisticRegression(points: 512, Features, seed: 1);

// 'Lion' is the record that the generator made of the method; it carries the hyperparameters.
using var in8Bits = new Optimizer<Lion>(new Lion { Lr = 1e-3f });
using var in32Bits = new Optimizer<Lion>(new Lion { Lr = 1e-3f }, new OptimizerOptions { KeepFloat32 = ["weights"] });

// 'Lion8bit' is the TorchSharp optimizer that the generator made of it.
using var weightsOfTorch = new Parameter(zeros(Features));
using var inTorch = new Lion8bit([("weights", weightsOfTorch)], lr: 1e-3);

float[] weights8 = new float[Features], weights32 = new float[Features], gradient = new float[Features];
ParameterState state8 = in8Bits.Add("weights", Features);
ParameterState state32 = in32Bits.Add("weights", Features);

Console.WriteLine("step   loss, 8-bit state   loss, float32 state   loss, TorchSharp");
for (int step = 0; step <= 50; step++)
{
    float loss8 = problem.Loss(weights8, gradient);
    in8Bits.Step(state8, weights8, gradient);
    float loss32 = problem.Loss(weights32, gradient);
    in32Bits.Step(state32, weights32, gradient);
    float lossOfTorch = problem.Loss(weightsOfTorch.data<float>().ToArray(), gradient);
    weightsOfTorch.grad = tensor(gradient);
    inTorch.step();
    if (step % 10 == 0)
    {
        Console.WriteLine($"{step,4}   {loss8,17:F4}   {loss32,19:F4}   {lossOfTorch,15:F4}");
    }
}

Console.WriteLine();
Console.WriteLine($"8-bit state:   {state8.StateBytes,6} bytes   {state8.States["m"]}");
Console.WriteLine($"float32 state: {state32.StateBytes,6} bytes   {state32.States["m"]}");
Console.WriteLine($"TorchSharp:    {inTorch.StateBytes,6} bytes   {inTorch.States[0].State.States["m"]}");
