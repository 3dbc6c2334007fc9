using Requant;
using Training;

// 'TheRule' is the type that was generated from the method in Rules.cs; it carries the hyperparameters.
using var optimizer = new Optimizer<TheRule>(new TheRule { Lr = 1e-3f });
var problem = new Problem(points: 512, features: 4096, seed: 1);
float[] weights = new float[problem.Features], gradient = new float[problem.Features];
ParameterState state = optimizer.Add("weights", weights.Length);

for (int step = 0; step <= 50; step++)
{
    float loss = problem.Loss(weights, gradient);
    if (step % 10 == 0)
    {
        Console.WriteLine($"step {step,2}: loss {loss:0.0000}");
    }

    optimizer.Step(state, weights, gradient);
}

Console.WriteLine($"{state.StateBytes} bytes of states for {weights.Length} weights: {state.Layout}");
