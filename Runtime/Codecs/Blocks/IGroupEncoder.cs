namespace Requant.Codecs.Blocks;

/// <summary>Encodes whole groups of elements by arithmetic that knows where it may be wrong.</summary>
internal unsafe interface IGroupEncoder
{
    /// <summary>Elements encoded at a time.</summary>
    static abstract int Group { get; }

    /// <summary>Encodes <c>values * inverse</c>, all below 2 in magnitude, from <paramref name="start"/> on while whole
    /// groups are left and arithmetic decides them.</summary>
    /// <returns>Where it stopped: the start of a group to be looked up, or less than a group before the end.</returns>
    static abstract int EncodeWhileCertain(float* values, byte* codes, int start, int length, float inverse);
}
