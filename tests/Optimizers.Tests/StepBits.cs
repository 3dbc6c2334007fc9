using System.Runtime.InteropServices;

namespace Requant.Optimizers.Tests;

/// <summary>The bits of all that a step may change in one tensor.</summary>
internal static class StepBits
{
    /// <summary>Parameter, codes, absmax, float32 states, tensor states and step count, in one list.</summary>
    public static uint[] Of(ParameterState state, ReadOnlySpan<float> parameters)
    {
        List<uint> bits = [(uint)state.Step, .. MemoryMarshal.Cast<float, uint>(parameters)];
        foreach (QuantizedState one in state.States.Where(one => one.IsAllocated))
        {
            if (one.IsQuantized)
            {
                bits.AddRange(one.Codes.ToArray().Select(code => (uint)code));
                bits.AddRange(MemoryMarshal.Cast<float, uint>(one.Absmax));
            }
            else
            {
                bits.AddRange(MemoryMarshal.Cast<float, uint>(one.Values));
            }
        }

        return [.. bits];
    }

    public static void AssertSame(
        ParameterState expected, ReadOnlySpan<float> expectedParameters, ParameterState actual,
        ReadOnlySpan<float> parameters)
    {
        uint[] wanted = Of(expected, expectedParameters);
        uint[] found = Of(actual, parameters);
        Assert.Equal(wanted.Length, found.Length);
        int same = wanted.AsSpan().CommonPrefixLength(found);
        Assert.True(same == wanted.Length, $"'{expected.Name}' differs at {same} of {wanted.Length}.");
    }
}
