using System.Globalization;
using Requant.Ptx;

namespace Requant.Tests;

/// <summary>Runs one instruction, or a few, in one thread or in the lanes of a warp.</summary>
/// <remarks>Operands are registers by size and place: <c>%ha %hb %hc</c> of 16 bits, <c>%ra</c> of 32, <c>%qa</c> of
/// 64, <c>%fa</c> and <c>%da</c> floats, <c>%pa</c> predicates that hold unless the operand is 0. The result is the
/// register whose name ends with <c>d</c>, as in <c>%rd</c>, that the text names first.</remarks>
internal static class Evaluation
{
    private const int OperandCount = 3;

    /// <summary>The bits of the result.</summary>
    public static ulong Evaluate(string instructions, ulong a = 0, ulong b = 0, ulong c = 0) =>
        EvaluateLanes(instructions, [a], [b], [c])[0];

    /// <summary>The bits of the results of lanes, one for each value of <paramref name="a"/>.</summary>
    public static ulong[] EvaluateLanes(string instructions, ulong[] a, ulong[]? b = null, ulong[]? c = null)
    {
        ulong[][] operands = [a, b ?? new ulong[a.Length], c ?? new ulong[a.Length]];
        var input = new byte[a.Length * OperandCount * sizeof(ulong)];
        for (int i = 0; i < a.Length * OperandCount; i++)
        {
            BitConverter.TryWriteBytes(input.AsSpan(i * sizeof(ulong)), operands[i % OperandCount][i / OperandCount]);
        }

        var memory = new GlobalMemory();
        GlobalBuffer source = memory.Add("input", input, isWritable: false);
        GlobalBuffer result = memory.Add("result", new byte[a.Length * sizeof(ulong)], isWritable: true);
        PtxModule.Parse(Text(instructions)).Kernels[0].Run(
            new PtxGrid(1, a.Length), memory,
            [BitConverter.GetBytes(source.Address), BitConverter.GetBytes(result.Address)]);
        return [.. Enumerable.Range(0, a.Length).Select(i => BitConverter.ToUInt64(result.Bytes, i * sizeof(ulong)))];
    }

    /// <summary>The module that <see cref="Evaluate"/> runs.</summary>
    public static string Text(string instructions)
    {
        char kind = instructions.Contains('%', StringComparison.Ordinal)
            ? instructions[instructions.IndexOf('%', StringComparison.Ordinal) + 1]
            : 'r';
        string store = kind switch
        {
            'p' => "selp.b32 %rd, 1, 0, %pd; st.global.b32 [%qo], %rd;",
            'h' => "st.global.b16 [%qo], %hd;",
            'r' => "st.global.b32 [%qo], %rd;",
            'f' => "st.global.f32 [%qo], %fd;",
            'd' => "st.global.f64 [%qo], %dd;",
            _ => "st.global.b64 [%qo], %qd;",
        };
        string loads = string.Concat("abc".Select((name, place) => string.Create(CultureInfo.InvariantCulture, $"""
                ld.global.b16 %h{name}, [%qi+{8 * place}];
                ld.global.b32 %r{name}, [%qi+{8 * place}];
                ld.global.b64 %q{name}, [%qi+{8 * place}];
                mov.b32 %f{name}, %r{name};
                mov.b64 %d{name}, %q{name};
                setp.ne.b64 %p{name}, %q{name}, 0;

            """)));
        return $$"""
            .version 7.8
            .target sm_80
            .address_size 64
            .visible .entry test(.param .u64 input, .param .u64 output)
            {
                .reg .pred %pa, %pb, %pc, %pd;
                .reg .b16 %ha, %hb, %hc, %hd;
                .reg .b32 %ra, %rb, %rc, %rd, %t;
                .reg .b64 %qa, %qb, %qc, %qd, %qi, %qo, %qt;
                .reg .f32 %fa, %fb, %fc, %fd;
                .reg .f64 %da, %db, %dc, %dd;
                ld.param.u64 %qi, [input];
                ld.param.u64 %qo, [output];
                mov.u32 %t, %tid.x;
                mad.wide.u32 %qi, %t, 24, %qi;
                mad.wide.u32 %qo, %t, 8, %qo;
                {{loads}}
                {{instructions}}
                {{store}}
                ret;
            }
            """;
    }

    public static ulong Bits(float value) => BitConverter.SingleToUInt32Bits(value);

    public static ulong Bits(double value) => BitConverter.DoubleToUInt64Bits(value);
}
