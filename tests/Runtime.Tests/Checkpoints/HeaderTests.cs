using System.Text;
using Requant.Checkpoints.Safetensors;

namespace Requant.Runtime.Tests.Checkpoints;

/// <summary>What is not exactly the safetensors layout is an error, whoever wrote it.</summary>
public sealed class HeaderTests
{
    private const string Eight = """ "a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]} """;

    /// <summary>Headers of 8 bytes of data.</summary>
    public static TheoryData<string, string> Bad => new()
    {
        { "", "'{'" },
        { " {" + Eight + "}", "'{'" },
        { "[]", "'{'" },
        { "{" + Eight, "JSON" },
        { "{" + Eight + ",}", "JSON" },
        { "{" + Eight + "}x", "JSON" },
        { "{/**/" + Eight + "}", "JSON" },
        { "{" + Eight + "," + Eight + "}", "'a' twice" },
        { """{"__metadata__":{},"__metadata__":{},""" + Eight + "}", "__metadata__ twice" },
        { """{"__metadata__":{"k":"1","k":"2"},""" + Eight + "}", "'k' twice" },
        { """{"__metadata__":{"k":1},""" + Eight + "}", "'k' is Number" },
        { """{"__metadata__":5,""" + Eight + "}", "__metadata__ is Number" },
        { """{"__metadata__":{"k":{"l":{"m":"deep"}}},""" + Eight + "}", "'k' is StartObject" },
        { """{"a":5}""", "a is Number" },
        { """{"a":{}}""", "lacks" },
        { """{"a":{"dtype":"F32","shape":[2]}}""", "lacks" },
        { """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"more":1}}""", "'more'" },
        { """{"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "'dtype' twice" },
        { """{"a":{"dtype":"F31","shape":[2],"data_offsets":[0,8]}}""", "'F31'" },
        { """{"a":{"dtype":"12","shape":[2],"data_offsets":[0,8]}}""", "'12'" },
        { """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}""", "lacks" },
        { """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,8]}}""", "at most 2" },
        { """{"a":{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}}""", "whole numbers" },
        { """{"a":{"dtype":"F32","shape":["2"],"data_offsets":[0,8]}}""", "whole numbers" },
        { """{"a":{"dtype":"F32","shape":[[2]],"data_offsets":[0,8]}}""", "JSON" },
        { """{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", "whole numbers" },
        { """{"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,8]}}""", "whole numbers" },
        { """{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", "12 bytes" },
        { """{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}}""", "2^63" },
        { """{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}""", "2^63" },
        { """{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", "from 8 to 0" },
        { """{"a":{"dtype":"F32","shape":[2],"data_offsets":[9223372036854775800,9223372036854775807]}}""", "8 bytes" },
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", "begins at byte 4" },
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "4 bytes that belong to no tensor" },
        { """{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}""", "8 bytes too early" },
        { """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""",
            "begins at byte 4" },
        { """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""",
            "begins at byte 0" },
        { """{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[5],"data_offsets":[3,8]}}""",
            "begins at byte 3" },
        { "{\"a\\ud800\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", "JSON" },
        { """{"__metadata__":{"k":"\ud800"},""" + Eight + "}", "JSON" },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[2" + string.Concat(Enumerable.Repeat(",1", 64))
            + "],\"data_offsets\":[0,8]}}", "at most 64" },
        { new string('{', 100_000), "JSON" },
        { "{\"a\":" + new string('[', 100_000), "StartArray" },
    };

    [Theory, MemberData(nameof(Bad))]
    public void Parse_NotTheLayout_Throws(string header, string says)
    {
        CheckpointException exception = Assert.Throws<CheckpointException>(
            () => SafetensorsHeader.Parse(Encoding.UTF8.GetBytes(header), 8));

        Assert.Contains(says, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_BytesThatAreNoText_Throws()
    {
        byte[] header = Encoding.UTF8.GetBytes("{" + Eight + "}");
        header[Array.IndexOf(header, (byte)'a')] = 0xff;

        Assert.Throws<CheckpointException>(() => SafetensorsHeader.Parse(header, 8));
    }

    [Fact]
    public void Parse_EverythingTheLayoutHas_IsRead()
    {
        SafetensorsHeader header = SafetensorsHeader.Parse(
            """
            {"scalar":{"data_offsets":[6,10],"dtype":"F32","shape":[]},"empty":{"dtype":"I64","shape":[9223372036854775807,0,4],"data_offsets":[6,6]},
            "first":{"dtype":"BF16","shape":[1,3],"data_offsets":[0,6]},"__metadata__":{"format":"pt","\u00e9":"\"\u00fc"}}
            """u8, 10);

        Assert.Equal(["empty", "first", "scalar"], header.Tensors.Keys.Order());
        Assert.Equal(
            (SafetensorsType.BF16, 3, 0),
            (header.Tensors["first"].Type, header.Tensors["first"].Count, header.Tensors["first"].Start));
        Assert.Equal((1L, 0L), (header.Tensors["scalar"].Count, header.Tensors["empty"].Count));
        Assert.Equal("\"ü", Encoding.UTF8.GetString(header.Metadata["é"]));
    }

    [Theory]
    [InlineData("BOOL", 1), InlineData("U8", 1), InlineData("I8", 1), InlineData("F8_E5M2", 1),
        InlineData("F8_E4M3", 1)]
    [InlineData("I16", 2), InlineData("U16", 2), InlineData("F16", 2), InlineData("BF16", 2)]
    [InlineData("I32", 4), InlineData("U32", 4), InlineData("F32", 4), InlineData("F64", 8), InlineData("I64", 8),
        InlineData("U64", 8)]
    public void Parse_Type_HasItsSize(string type, int size)
    {
        SafetensorsHeader header = SafetensorsHeader.Parse(
            Encoding.UTF8.GetBytes($$$"""{"a":{"dtype":"{{{type}}}","shape":[3],"data_offsets":[0,{{{3 * size}}}]}}"""),
            3 * size);

        Assert.Equal(3, header.Tensors["a"].Count);
    }
}
