// Trains one problem twice with the rule of MyRules.cs: once with 8-bit states, once with float32 states.
using Requant;
using Requant.Samples.FirstRule;

const int Features = 4096; // Shorter tensors than OptimizerOptions.MinQuantizedLength keep float32 states.
var problem = new LogisticRegression(points: 512, Features, seed: 1);

// 'Lion' is the record that the generator made of the method; it carries the hyperparameters.
using var in8Bits = new Optimizer<Lion>(new Lion { Lr = 1e-3f });
using var in32Bits = new Optimizer<Lion>(new Lion { Lr = 1e-3f }, new OptimizerOptions { KeepFloat32 = ["weights"] });

float[] weights8 = new float[Features], weights32 = new float[Features], gradient = new float[Features];
ParameterState state8 = in8Bits.Add("weights", Features);
ParameterState state32 = in32Bits.Add("weights", Features);

Console.WriteLine("step   loss, 8-bit state   loss, float32 state");
for (int step = 0; step <= 50; step++)
{
    float loss8 = problem.Loss(weights8, gradient);
    in8Bits.Step(state8, weights8, gradient);
    float loss32 = problem.Loss(weights32, gradient);
    in32Bits.Step(state32, weights32, gradient);
    if (step % 10 == 0)
    {
        Console.WriteLine($"{step,4}   {loss8,17:F4}   {loss32,19:F4}");
    }
}

Console.WriteLine();
Console.WriteLine($"8-bit state:   {state8.StateBytes,6} bytes   {state8.States["m"]}");
Console.WriteLine($"float32 state: {state32.StateBytes,6} bytes   {state32.States["m"]}");
