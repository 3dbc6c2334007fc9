namespace Requant.Quantization;

internal sealed class Codebook
{
    public byte ZeroCode { get; private init; }

    public float[] Values { get; } = new float[256];

    public float[] Thresholds { get; } = new float[256];

    public static Codebook For(Codec codec) => new() { ZeroCode = codec == Codec.Dynamic ? (byte)127 : (byte)0 };
}
