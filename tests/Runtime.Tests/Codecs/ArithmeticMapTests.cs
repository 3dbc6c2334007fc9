using System.Runtime.Intrinsics;
using Requant.Codecs;
using Requant.Codecs.Blocks;
using Requant.Numerics.Functions;

namespace Requant.Runtime.Tests.Codecs;

/// <summary>What a map's arithmetic decides, it decides right.</summary>
public class ArithmeticMapTests
{
    // Places are off by a few units of their lowest bit, 2^-15 of a gap or finer: this far from a threshold they are
    // certain.
    private const int UlpsAround = 2048;

    // Between thresholds places rise steadily; every so many floats one shows the run of every gap.
    private const int UlpsBetween = 509;

    // x * (1 / largest) can exceed 1 by this.
    private const int UlpsAboveOne = 2;

    // Far below the first threshold of every map.
    private const float Smallest = 1e-9f;

    // Looking up takes an order of magnitude more time than arithmetic, which must decide nearly all.
    private const double MostUncertain = 1e-3;

    public static TheoryData<Codec, Width> Cases =>
    [
        .. from codec in (Codec[])
                [Codec.Linear, Codec.LinearUnsigned, Codec.SoftSign, Codec.SquareRoot, Codec.Float8E4M3]
           from width in (Width[])[Width.Vector128, Width.Vector256, Width.Vector512]
           select (codec, width),
    ];

    [Theory, MemberData(nameof(Cases))]
    public void Place_AroundEveryThreshold_IsRightOrUncertain(Codec codec, Width width) =>
        With(codec, width, AroundThresholds(Codebook.Table(codec)));

    [Theory, MemberData(nameof(Cases))]
    public void Place_OfUnitRange_IsRightAndHardlyEverUncertain(Codec codec, Width width)
    {
        int uncertain = 0;
        int count = 0;
        foreach (int[] run in UnitRange())
        {
            uncertain += With(codec, width, [run]);
            count += 2 * run.Length;
        }

        Assert.InRange(uncertain, 0, count * MostUncertain);
    }

    private static int With(Codec codec, Width width, IEnumerable<int[]> magnitudes) => codec switch
    {
        Codec.Linear => AssertRight<LinearMap>(width, magnitudes),
        Codec.LinearUnsigned => AssertRight<LinearUnsignedMap>(width, magnitudes),
        Codec.SoftSign => AssertRight<SoftSignMap>(width, magnitudes),
        Codec.SquareRoot => AssertRight<SquareRootMap>(width, magnitudes),
        Codec.Float8E4M3 => AssertRight<Float8E4M3Map>(width, magnitudes),
        _ => throw new ArgumentOutOfRangeException(nameof(codec), codec, null),
    };

    // All floats near thresholds, as bits of magnitudes.
    private static IEnumerable<int[]> AroundThresholds(TableCodebook codebook) =>
        from threshold in codebook.NearestThresholds.ToArray()
        where float.IsFinite(threshold)
        let centre = BitConverter.SingleToInt32Bits(MathF.Abs(threshold))
        select Enumerable.Range(centre - UlpsAround, (2 * UlpsAround) + 1).ToArray();

    private static IEnumerable<int[]> UnitRange()
    {
        int first = BitConverter.SingleToInt32Bits(Smallest);
        int last = BitConverter.SingleToInt32Bits(1f) + UlpsAboveOne;
        return Enumerable.Range(0, (last - first) / UlpsBetween).Select(i => first + (i * UlpsBetween))
            .Append(last).Chunk(1 << 16);
    }

    private static int AssertRight<TMap>(Width width, IEnumerable<int[]> magnitudes)
        where TMap : struct, IArithmeticMap<TMap>
    {
        int uncertain = 0;
        foreach (int bits in magnitudes.SelectMany(run => run))
        {
            foreach (int sign in (int[])[0, int.MinValue])
            {
                float u = BitConverter.Int32BitsToSingle(bits | sign);
                int place = Place<TMap>(width, u);
                if ((place & ((1 << TMap.FractionBits) - TMap.UncertainWindow)) == 0)
                {
                    uncertain++;
                }
                else if (((place >> TMap.FractionBits) & byte.MaxValue) != Nearest(TMap.Codec, u))
                {
                    Assert.Fail($"{u:R} has code {Nearest(TMap.Codec, u)}, and its place is {place:x}.");
                }
            }
        }

        return uncertain;
    }

    // Places do not know that an unsigned codec stores no positive number as 0: that is seen to behind them.
    private static int Nearest(Codec codec, float u) =>
        u < Codebook.Table(codec).NearestThresholds[0] ? 0 : Codebook.For(codec).Encode(u);

    private static int Place<TMap>(Width width, float u)
        where TMap : struct, IArithmeticMap<TMap> => width switch
    {
        Width.Vector128 => TMap.Place(Lanes128.Of(u)).Value.AsInt32()[0],
        Width.Vector256 => TMap.Place(Lanes256.Of(u)).Value.AsInt32()[0],
        _ => TMap.Place(Lanes512.Of(u)).Value.AsInt32()[0],
    };
}
