using System.CommandLine;
using System.Globalization;
using Requant.Optimizers;
using Requant.Samples;

namespace Requant.Bench.States;

/// <summary><c>bench -- states</c>: how far quantized states drift from float32 ones that see the
/// same gradients.</summary>
internal static class StatesCommand
{
    private const int Length = 64 * 256;

    private static readonly int[] Checkpoints = [100, 1_000, 10_000];

    /// <summary>How the codecs that rules declare are overridden.</summary>
    private static readonly (StateCodecs Codecs, StateRounding Rounding)[] Formats =
    [
        (StateCodecs.Dynamic, StateRounding.Nearest),
        (StateCodecs.Dynamic, StateRounding.Stochastic),
        (StateCodecs.MiniFloat, StateRounding.Nearest),
        (StateCodecs.MiniFloat, StateRounding.Stochastic),
    ];

    private static readonly (string Name, Action<string> Measure)[] Rules =
    [
        ("Adam", name => Measure(name, new Adam { Lr = 0f })),
        ("Adam, AMSGrad", name => Measure(name, new Adam { Lr = 0f, Amsgrad = true })),
        ("Adamax", name => Measure(name, new Adamax { Lr = 0f })),
        ("NAdam", name => Measure(name, new NAdam { Lr = 0f })),
        ("Adagrad", name => Measure(name, new Adagrad { Lr = 0f })),
        ("Adadelta", name => Measure(name, new Adadelta { Lr = 0f })),
        ("RMSProp, centered, momentum",
            name => Measure(name, new RMSProp { Lr = 0f, Momentum = 0.9f, Centered = true })),
        ("Momentum", name => Measure(name, new Optimizers.Momentum { Lr = 0f })),
        ("Lion", name => Measure(name, new Lion { Lr = 0f })),
        ("AdEMAMix", name => Measure(name, new AdEMAMix { Lr = 0f })),
        ("AdEMAMix, all in 8 bits", name => Measure(name, new QuantizedAdEMAMix { Lr = 0f })),
    ];

    public static Command Create()
    {
        var command = new Command(
            "states", "Quantized states of every rule beside float32 ones after the same gradients.");
        command.SetAction(_ =>
        {
            string steps = string.Join(
                " | ", Checkpoints.Select(step => string.Create(CultureInfo.InvariantCulture, $"{step:N0} steps")));
            Console.WriteLine($"| rule | state | codec | {steps} |");
            Console.WriteLine($"|---|---|---|{string.Concat(Checkpoints.Select(_ => "---:|"))}");
            RunProgress.Show("states", Rules.Length, progress =>
            {
                foreach ((int i, (string name, Action<string> measure)) in Rules.Index())
                {
                    measure(name);
                    progress(i + 1, name);
                }

                return 0;
            });
            return 0;
        });
        return command;
    }

    private static void Measure<TRule>(string name, TRule rule) where TRule : IOptimizerRule<TRule>
    {
        var problem = new NoisyGradients(Length);
        using var exact = new Optimizer<TRule>(rule, new OptimizerOptions { Codecs = StateCodecs.Float32 });
        Optimizer<TRule>[] quantized =
            [.. Formats.Select(format => new Optimizer<TRule>(rule, Options(format.Codecs, format.Rounding)))];
        ParameterState exactStates = exact.Add("w", Length);
        ParameterState[] states = [.. quantized.Select(optimizer => optimizer.Add("w", Length))];
        float[] parameters = new float[Length];
        List<string>[][] errors = [.. states.Select(one => one.States.Select(_ => new List<string>()).ToArray())];
        for (int step = 1; step <= Checkpoints[^1]; step++)
        {
            problem.Draw();
            exact.Step(exactStates, parameters, problem.Values);
            for (int format = 0; format < quantized.Length; format++)
            {
                quantized[format].Step(states[format], parameters, problem.Values);
                for (int i = 0; i < states[format].States.Count && Checkpoints.Contains(step); i++)
                {
                    errors[format][i].Add(Error(states[format].States[i], exactStates.States[i]));
                }
            }
        }

        Print(name, states, errors);
        Array.ForEach(quantized, optimizer => optimizer.Dispose());
    }

    private static OptimizerOptions Options(StateCodecs codecs, StateRounding rounding) =>
        new() { MinQuantizedLength = 0, Codecs = codecs, StateRounding = rounding };

    private static void Print(string name, ParameterState[] states, List<string>[][] errors)
    {
        for (int i = 0; i < states[0].States.Count; i++)
        {
            for (int format = 0; format < states.Length; format++)
            {
                QuantizedState state = states[format].States[i];
                if (state.Codec == Codec.Float32)
                {
                    continue;
                }

                string rounding = state.Rounding == StateRounding.Stochastic ? ", stochastic" : "";
                Console.WriteLine(
                    $"| {name} | {state.Name} | {state.Codec}{rounding} | {string.Join(" | ", errors[format][i])} |");
            }
        }
    }

    /// <summary>Norm of the difference over the norm, and the median over elements of the
    /// relative difference.</summary>
    private static string Error(QuantizedState quantized, QuantizedState exact)
    {
        float[] actual = new float[Length];
        float[] expected = new float[Length];
        quantized.Dequantize(actual);
        exact.Dequantize(expected);
        double Norm(Func<int, double> value) => Math.Sqrt(Enumerable.Range(0, Length).Sum(i => value(i) * value(i)));
        double norm = Norm(i => actual[i] - (double)expected[i]) / Norm(i => expected[i]);
        double[] relative = [.. Enumerable.Range(0, Length).Where(i => expected[i] != 0)
            .Select(i => Math.Abs((actual[i] / (double)expected[i]) - 1)).Order()];
        return relative.Length == 0
            ? "-"
            : string.Create(CultureInfo.InvariantCulture, $"{norm:P1}, {relative[relative.Length / 2]:P1}");
    }
}
