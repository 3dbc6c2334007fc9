namespace Requant.States;

/// <summary>Which float32 values a state may be given, quantized or not: an update makes NaN of a parameter whose state
/// is not finite, and of one whose second moment is negative.</summary>
internal static class StateValues
{
    /// <summary>The first value that is not finite, or is negative where there is no sign; -1 if
    /// there is none.</summary>
    public static int IndexOfUnfit(ReadOnlySpan<float> values, bool isUnsigned)
    {
        for (int i = 0; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i]) || (isUnsigned && values[i] < 0f))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>The first scale that is no magnitude: negative or not finite; -1 if there is none.</summary>
    public static int IndexOfUnfitAbsmax(ReadOnlySpan<float> absmax)
    {
        for (int i = 0; i < absmax.Length; i++)
        {
            if (!(absmax[i] >= 0f && float.IsFinite(absmax[i])))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>What a value of the state should be, to follow "it is".</summary>
    public static string Describe(bool isUnsigned) =>
        isUnsigned ? "0 or more and finite, as the rule declares the state" : "finite";
}
