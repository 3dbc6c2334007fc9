using ILGPU;
using Requant.Ptx.Launch;

namespace Requant.Ptx.Tests.Rules;

public class StructTests
{
    private static readonly GlobalBuffer Buffer = new GlobalMemory().Add("b", new byte[24], isWritable: true);

    private static readonly Dictionary<string, object> Values = new(StringComparer.Ordinal)
    {
        [nameof(Outer.Count)] = 7,
        ["Pair.Floats"] = DeviceView.Of(Buffer, sizeof(float)),
        ["Pair.Words"] = DeviceView.Of(null, sizeof(ushort)),
        [nameof(Outer.Length)] = 9L,
        [nameof(Outer.Last)] = 1f,
    };

    [Fact]
    public void Write_NestedStruct_AlignsFieldsAndPadsTheEnd()
    {
        byte[] bytes = StructBytes.Write(typeof(Outer), Values);

        Assert.Equal(56, bytes.Length);
        Assert.Equal(7, BitConverter.ToInt32(bytes, 0));
        Assert.Equal(Buffer.Address, BitConverter.ToUInt64(bytes, 8));
        Assert.Equal(6, BitConverter.ToInt64(bytes, 16));
        Assert.Equal((0ul, 0L), (BitConverter.ToUInt64(bytes, 24), BitConverter.ToInt64(bytes, 32)));
        Assert.Equal(9, BitConverter.ToInt64(bytes, 40));
        Assert.Equal(1f, BitConverter.ToSingle(bytes, 48));
    }

    [Fact]
    public void Write_FieldWithoutValue_IsAnErrorThatNamesIt() => AssertRefused(
        values => values.Remove("Pair.Words"), "Pair.Words has no value; give it one in DeviceArguments");

    [Fact]
    public void Write_ValueWithoutField_IsAnErrorThatNamesIt() => AssertRefused(
        values => values.Add("Gone", 1), "Outer has no field Gone; change DeviceArguments");

    [Fact]
    public void Write_ViewOfOtherElements_IsAnErrorThatNamesIt() => AssertRefused(
        values => values["Pair.Words"] = DeviceView.Of(Buffer, sizeof(float)), "Field Pair.Words is a view of 2-byte elements");

    [Fact]
    public void Write_ValueOfOtherType_IsAnErrorThatNamesIt() => AssertRefused(
        values => values[nameof(Outer.Length)] = 9, "Field Length is of type Int64, and its value of type Int32");

    private static void AssertRefused(Action<Dictionary<string, object>> change, string problem)
    {
        var values = new Dictionary<string, object>(Values);
        change(values);

        InvalidOperationException error = Assert.Throws<InvalidOperationException>(
            () => StructBytes.Write(typeof(Outer), values));
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

#pragma warning disable CS0649 // Only the layout is looked at.
    private struct Outer
    {
        public int Count;
        public Inner Pair;
        public long Length;
        public float Last;
    }

    private struct Inner
    {
        public ArrayView<float> Floats;
        public ArrayView<ushort> Words;
    }
#pragma warning restore CS0649
}
