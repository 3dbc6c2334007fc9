using Requant.Numerics;
using Requant.Runtime.Tests.Support;

namespace Requant.Runtime.Tests.Kernels.Cpu;

public class ElementConverterTests
{
    private const int Margin = 64;
    private const ushort Canary = 0xa5a5;
    private const float SingleCanary = -12345.678f;

    /// <summary>Around every number of lanes.</summary>
    private static readonly int[] Lengths = [0, 1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 255, 256, 257, 4096];

    public static TheoryData<ElementType, SimdWidth> TypesAndWidths =>
    [
        .. from type in (ElementType[])[ElementType.Float16, ElementType.BFloat16]
           from width in Enum.GetValues<SimdWidth>()
           select (type, width),
    ];

    [Theory]
    [MemberData(nameof(TypesAndWidths))]
    public void Widen_EveryPattern_IsItsValue(ElementType type, SimdWidth width)
    {
        float[] widened = Widen(type, width, AllPatterns());

        for (int bits = 0; bits < widened.Length; bits++)
        {
            float expected = SixteenBit.Value(type, bits);
            Assert.True(
                float.IsNaN(expected) ? float.IsNaN(widened[bits]) : SameBits(expected, widened[bits]),
                $"{type} {bits:x4} is {expected:R} and was widened to {widened[bits]:R}.");
        }
    }

    [Theory]
    [MemberData(nameof(TypesAndWidths))]
    public void Narrow_OfWidened_GivesEveryPatternBack(ElementType type, SimdWidth width) =>
        Assert.Equal(AllPatterns(), Narrow(type, width, Widen(type, width, AllPatterns())));

    [Theory]
    [MemberData(nameof(TypesAndWidths))]
    public void Narrow_MidpointsAndNeighbours_RoundsToNearestAndTiesToEven(ElementType type, SimdWidth width)
    {
        (float[] singles, ushort[] expected) = SixteenBit.RoundingProbes(type);

        ushort[] rounded = Narrow(type, width, singles);

        for (int i = 0; i < singles.Length; i++)
        {
            Assert.True(expected[i] == rounded[i],
                $"{singles[i]:R} rounds to {expected[i]:x4} in {type} and gave {rounded[i]:x4}.");
        }
    }

    [Theory]
    [MemberData(nameof(TypesAndWidths))]
    public void Narrow_NaNOfAnyPayload_StaysNaNOfItsSign(ElementType type, SimdWidth width)
    {
        float[] singles =
        [
            .. from sign in (uint[])[0, 0x80000000]
               from payload in (uint[])[1, 0xfff, 0x1fff, 0x2000, 0xffff, 0x10000, 0x3fffff, 0x400000, 0x7fffff]
               select BitConverter.UInt32BitsToSingle(sign | 0x7f800000 | payload),
        ];

        ushort[] narrowed = Narrow(type, width, [.. singles, .. singles]);

        for (int i = 0; i < narrowed.Length; i++)
        {
            float single = singles[i % singles.Length];
            Assert.True(
                SixteenBit.IsNaN(type, narrowed[i]),
                $"{BitConverter.SingleToUInt32Bits(single):x8} gave {narrowed[i]:x4}.");
            Assert.Equal(float.IsNegative(single), (narrowed[i] & 0x8000) != 0);
        }
    }

    [Theory]
    [MemberData(nameof(TypesAndWidths))]
    public unsafe void Convert_AnyLength_WritesThatManyElements(ElementType type, SimdWidth width)
    {
        ElementConverter converter = ElementConverter.For(type, width);
        foreach (int length in Lengths)
        {
            var bits = new ushort[length + Margin];
            var singles = new float[length + Margin];
            for (int i = 0; i < length; i++)
            {
                singles[i] = ExactInBothTypes(i);
            }

            bits.AsSpan(length).Fill(Canary);
            fixed (ushort* bitPointer = bits)
            fixed (float* singlePointer = singles)
            {
                converter.Narrow(singlePointer, bitPointer, length);
                singles.AsSpan().Fill(SingleCanary);
                converter.Widen(bitPointer, singlePointer, length);
            }

            Assert.False(bits.AsSpan(length).ContainsAnyExcept(Canary));
            Assert.False(singles.AsSpan(length).ContainsAnyExcept(SingleCanary));
            for (int i = 0; i < length; i++)
            {
                Assert.Equal(ExactInBothTypes(i), SixteenBit.Value(type, bits[i]));
                Assert.Equal(ExactInBothTypes(i), singles[i]);
            }
        }
    }

    [Fact]
    public void For_Float32_ConvertsNothing() =>
        Assert.All(
            Enum.GetValues<SimdWidth>(),
            width => Assert.True(ElementConverter.For(ElementType.Float32, width).IsIdentity));

    /// <summary>Integers of up to 7 bits, none at its neighbour's place.</summary>
    private static float ExactInBothTypes(int i) => (i % 101) - 7;

    private static ushort[] AllPatterns() =>
        [.. Enumerable.Range(0, SixteenBit.PatternCount).Select(bits => (ushort)bits)];

    private static unsafe float[] Widen(ElementType type, SimdWidth width, ushort[] bits)
    {
        var singles = new float[bits.Length];
        fixed (ushort* source = bits)
        fixed (float* target = singles)
        {
            ElementConverter.For(type, width).Widen(source, target, bits.Length);
        }

        return singles;
    }

    private static unsafe ushort[] Narrow(ElementType type, SimdWidth width, float[] singles)
    {
        var bits = new ushort[singles.Length];
        fixed (float* source = singles)
        fixed (ushort* target = bits)
        {
            ElementConverter.For(type, width).Narrow(source, target, singles.Length);
        }

        return bits;
    }

    private static bool SameBits(float x, float y) =>
        BitConverter.SingleToInt32Bits(x) == BitConverter.SingleToInt32Bits(y);
}
