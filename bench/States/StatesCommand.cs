using System.CommandLine;
using System.Globalization;
using Requant.Optimizers;

namespace Requant.Bench.States;

/// <summary><c>bench -- states</c>: how far quantized states drift from float32 ones that see the same gradients.</summary>
internal static class StatesCommand
{
    private const int Length = 64 * 256;

    private static readonly int[] Checkpoints = [100, 1_000, 10_000];

    public static Command Create()
    {
        var command = new Command("states", "Quantized states of every rule beside float32 ones after the same gradients.");
        command.SetAction(_ =>
        {
            Console.WriteLine($"| rule | state | {string.Join(" | ", Checkpoints.Select(step => $"{step:N0} steps"))} |");
            Console.WriteLine($"|---|---|{string.Concat(Checkpoints.Select(_ => "---:|"))}");
            Measure("Adam", new Adam { Lr = 0f });
            Measure("Adam, AMSGrad", new Adam { Lr = 0f, Amsgrad = true });
            Measure("Adamax", new Adamax { Lr = 0f });
            Measure("NAdam", new NAdam { Lr = 0f });
            Measure("Adagrad", new Adagrad { Lr = 0f });
            Measure("Adadelta", new Adadelta { Lr = 0f });
            Measure("RMSProp, centered, momentum", new RMSProp { Lr = 0f, Momentum = 0.9f, Centered = true });
            Measure("Momentum", new Optimizers.Momentum { Lr = 0f });
            Measure("Lion", new Lion { Lr = 0f });
            Measure("AdEMAMix", new AdEMAMix { Lr = 0f });
            Measure("AdEMAMix, all in 8 bits", new QuantizedAdEMAMix { Lr = 0f });
            return 0;
        });
        return command;
    }

    private static void Measure<TRule>(string name, TRule rule) where TRule : IOptimizerRule<TRule>
    {
        var problem = new NoisyGradients(Length);
        using var quantized = new Optimizer<TRule>(rule, new OptimizerOptions { MinQuantizedLength = 0 });
        using var exact = new Optimizer<TRule>(rule, new OptimizerOptions { MinQuantizedLength = long.MaxValue });
        ParameterState states = quantized.Add("w", Length);
        ParameterState exactStates = exact.Add("w", Length);
        float[] parameters = new float[Length];
        List<string>[] errors = [.. states.States.Select(_ => new List<string>())];
        for (int step = 1; step <= Checkpoints[^1]; step++)
        {
            problem.Draw();
            quantized.Step(states, parameters, problem.Values);
            exact.Step(exactStates, parameters, problem.Values);
            for (int i = 0; i < errors.Length && Checkpoints.Contains(step); i++)
            {
                errors[i].Add(Error(states.States[i], exactStates.States[i]));
            }
        }

        foreach ((QuantizedState state, List<string> row) in states.States.Zip(errors))
        {
            Console.WriteLine($"| {name} | {state.Name}, {state.Codec} | {string.Join(" | ", row)} |");
        }
    }

    /// <summary>Norm of the difference over the norm, and the median over elements of the relative difference.</summary>
    private static string Error(QuantizedState quantized, QuantizedState exact)
    {
        float[] actual = new float[Length];
        float[] expected = new float[Length];
        quantized.Dequantize(actual);
        exact.Dequantize(expected);
        double Norm(Func<int, double> value) => Math.Sqrt(Enumerable.Range(0, Length).Sum(i => value(i) * value(i)));
        double norm = Norm(i => actual[i] - (double)expected[i]) / Norm(i => expected[i]);
        double[] relative = [.. Enumerable.Range(0, Length).Where(i => expected[i] != 0).Select(i => Math.Abs((actual[i] / (double)expected[i]) - 1)).Order()];
        return relative.Length == 0 ? "-" : string.Create(CultureInfo.InvariantCulture, $"{norm:P1}, {relative[relative.Length / 2]:P1}");
    }
}
