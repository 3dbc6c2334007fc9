using Requant.Codecs;
using Requant.CompilerServices;

namespace Requant.Devices;

/// <summary>Makes the tables that <see cref="DeviceTable"/> describes, on the host.</summary>
internal static class DeviceTables
{
    /// <summary>int32[cells], the entries, and then float32[256], the values, as bits.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The codec has no codebook.</exception>
    public static int[] For(Codec codec)
    {
        TableCodebook codebook = Codebook.Table(codec);
        return codec switch
        {
            Codec.Dynamic => Build<DynamicTable>(codebook),
            Codec.DynamicUnsigned => Build<DynamicUnsignedTable>(codebook),
            Codec.Linear => Build<LinearTable>(codebook),
            Codec.LinearUnsigned => Build<LinearUnsignedTable>(codebook),
            Codec.SoftSign => Build<SoftSignTable>(codebook),
            Codec.SquareRoot => Build<SquareRootTable>(codebook),
            Codec.Float8E4M3 => Build<Float8E4M3Table>(codebook),
            _ => throw new ArgumentOutOfRangeException(nameof(codec), codec, "The codec has no table for devices."),
        };
    }

    private static int[] Build<TTable>(TableCodebook codebook)
        where TTable : struct, IDeviceTable
    {
        Require(codebook.ZeroCode == TTable.ZeroCode, codebook, "another code of 0");
        Require(codebook.Values.Length - 1 == TTable.LastCode, codebook, "another last code");
        Require(
            NearestCode(codebook, CellStart<TTable>(0)) == TTable.ZeroCode, codebook,
            "a threshold below its first cell");
        Require(CellStart<TTable>(TTable.Cells - 1) == 1f, codebook, "another last cell than that of 1");
        var table = new int[TTable.Cells + Codebook.MaxValues];
        for (int cell = 0; cell < TTable.Cells; cell++)
        {
            table[cell] = Entry<TTable>(codebook, cell);
        }

        for (int code = 0; code < codebook.Values.Length; code++)
        {
            table[TTable.Cells + code] = BitConverter.SingleToInt32Bits(codebook.Values[code]);
        }

        return table;
    }

    private static int Entry<TTable>(TableCodebook codebook, int cell)
        where TTable : struct, IDeviceTable
    {
        float start = CellStart<TTable>(cell);
        float end = MathF.BitDecrement(CellStart<TTable>(cell + 1));
        int code = StoredCode(codebook, start);
        int entry = (code << TTable.Shift) - ((TTable.FirstCell + cell) << TTable.Shift);
        if (cell < TTable.Cells - 1 && StoredCode(codebook, end) != code)
        {
            Require(StoredCode(codebook, end) == code + 1, codebook, $"two thresholds in cell {cell}");
            int low = BitConverter.SingleToInt32Bits(codebook.NearestThresholds[code]) & ((1 << TTable.Shift) - 1);
            entry += (1 << TTable.Shift) - low;
        }

        return entry;
    }

    // An unsigned codec stores nothing above 0 as 0; kernels see to 0 itself.
    private static int StoredCode(TableCodebook codebook, float u) =>
        Math.Max(NearestCode(codebook, u), codebook.IsUnsigned ? 1 : 0);

    private static int NearestCode(TableCodebook codebook, float u)
    {
        int code = 0;
        while (codebook.NearestThresholds[code] <= u)
        {
            code++;
        }

        return code;
    }

    private static float CellStart<TTable>(int cell)
        where TTable : struct, IDeviceTable =>
        BitConverter.Int32BitsToSingle((TTable.FirstCell + cell) << TTable.Shift);

    private static void Require(bool holds, TableCodebook codebook, string problem)
    {
        if (!holds)
        {
            throw new InvalidOperationException(
                $"The codebook of {codebook.Values.Length} values does not fit the shape of its table for devices: "
                + $"it has {problem}.");
        }
    }
}
