using Requant.Ptx;
using Xunit;

namespace Requant.Generator.Tests.Harness.Replay;

/// <summary>A tensor as an optimizer has it.</summary>
internal sealed class ReplayTensor : IDisposable
{
    private readonly string _name;
    private readonly IDisposable _optimizer;
    private readonly ParameterState _state;
    private readonly float[] _parameter;
    private readonly Action<float[], float[]> _step;
    private readonly Func<long> _skipped;

    private ReplayTensor(
        string name, IDisposable optimizer, ParameterState state, float[] parameter, Action<float[], float[]> step,
        Func<long> skipped) =>
        (_name, _optimizer, _state, _parameter, _step, _skipped) = (name, optimizer, state, parameter, step, skipped);

    public MatrixSides Sides => new((int)_state.Rows, (int)_state.Columns, _state.BlockSize);

    public static ReplayTensor OnProcessor<TRule>(
        TRule rule, ReplayData data, SimdWidth width, int threads, bool isQuantized = false)
        where TRule : IOptimizerRule<TRule>
    {
        var optimizer = new Optimizer<TRule>(
            rule, OptionsOf(isQuantized) with { SimdWidth = width, MaxThreads = threads });
        ParameterState state = optimizer.Add("w", data.Dimensions);
        return new ReplayTensor(
            $"{width}", optimizer, state, data.Parameter(),
            (parameter, gradient) => optimizer.Step(state, parameter, gradient), () => optimizer.SkippedElements);
    }

    /// <summary>On an interpreted device.</summary>
    public static ReplayTensor OnDevice<TRule>(TRule rule, ReplayData data, PtxOrder order, bool isQuantized = false)
        where TRule : IOptimizerRule<TRule>
    {
        var optimizer = new PtxOptimizer<TRule>(rule, OptionsOf(isQuantized), new PtxDevice { Order = order });
        ParameterState state = optimizer.Add("w", data.Dimensions);
        return new ReplayTensor(
            "PTX", optimizer, state, data.Parameter(),
            (parameter, gradient) => optimizer.Step(state, parameter, gradient), () => optimizer.SkippedElements);
    }

    /// <summary>Takes a step.</summary>
    /// <returns>Elements that were not updated; null where the step is refused.</returns>
    public int? TryStep(float[] gradient)
    {
        long before = _skipped();
        try
        {
            _step(_parameter, gradient);
        }
        catch (NotFiniteNumberException)
        {
            return null;
        }

        return (int)(_skipped() - before);
    }

    public void AssertSame(string what, ReplayedRule expected) =>
        AssertSame(what, expected.Parameter, name => expected[name]);

    public void AssertSame(string what, ReplayTensor expected) =>
        AssertSame(what, expected._parameter, expected.ValuesOf);

    public void Dispose() => _optimizer.Dispose();

    private void AssertSame(string what, float[] parameter, Func<string, float[]> valuesOf)
    {
        AssertSameBits($"{what}, {_name}, parameter", parameter, _parameter);
        foreach (string name in _state.States.Select(state => state.Name).Concat(_state.TensorStates.Names))
        {
            AssertSameBits($"{what}, {_name}, state {name}", valuesOf(name), ValuesOf(name));
        }
    }

    private float[] ValuesOf(string name)
    {
        if (_state.TensorStates.Names.Contains(name))
        {
            return [_state.TensorStates[name]];
        }

        QuantizedState state = _state.States.Single(one => one.Name == name);
        var values = new float[state.Length];
        state.Dequantize(values);
        return values;
    }

    private static OptimizerOptions OptionsOf(bool isQuantized) =>
        new() { MinQuantizedLength = isQuantized ? 0 : long.MaxValue };

    private static void AssertSameBits(string what, float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            bool same = BitConverter.SingleToInt32Bits(expected[i]) == BitConverter.SingleToInt32Bits(actual[i])
                || (float.IsNaN(expected[i]) && float.IsNaN(actual[i]));
            Assert.True(same, $"{what}, element {i}: {actual[i]:R} instead of {expected[i]:R}.");
        }
    }
}
