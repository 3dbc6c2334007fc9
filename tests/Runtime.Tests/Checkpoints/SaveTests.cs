using System.Buffers.Binary;
using System.IO.Hashing;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;
using Requant.Runtime.Tests.Devices;
using Requant.Runtime.Tests.Support;

namespace Requant.Runtime.Tests.Checkpoints;

/// <summary>The file is what docs/checkpoints.md says, read here without the library's reader.</summary>
public sealed class SaveTests(AcceleratorFixture fixture)
{
    [Fact]
    public void Save_File_IsOfTheLayoutAndSaysEverything()
    {
        using Optimizer<Adam> optimizer = Saved.Make(1);
        byte[] bytes = Saved.Bytes(optimizer);
        int headerBytes = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        JsonObject header = JsonNode.Parse(bytes.AsSpan(8, headerBytes))!.AsObject();
        JsonObject manifest = JsonNode.Parse((string)header["__metadata__"]!["requant"]!)!.AsObject();

        Assert.Equal(0, headerBytes % 8);
        Assert.Equal((byte)'{', bytes[8]);
        Assert.Equal((2, RuleInfo.Of<Adam>().Name, RuleInfo.Of<Adam>().Hash),
            ((int)manifest["format"]!, (string)manifest["rule"]!, (string)manifest["rule_hash"]!));
        Assert.Equal(
            typeof(Checkpoint).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!
                .InformationalVersion.Split('+')[0],
            (string)manifest["library"]!);
        Assert.Equal(0.01f, (float)manifest["groups"]![0]!["hyperparameters"]!["lr"]!);
        Assert.Equal(5, manifest["groups"]![0]!["hyperparameters"]!.AsObject().Count);
        Assert.Equal("""{"name":"long","shape":[5003],"group":0,"step":2,"states":["""
            + """{"name":"m","codec":"Dynamic","block_size":256,"in_use":true,"rounding":"Nearest"},"""
            + """{"name":"v","codec":"DynamicUnsigned","block_size":256,"in_use":true,"rounding":"Nearest"}"""
            + """],"tensor_states":[]}""", manifest["parameters"]![0]!.ToJsonString());
        Assert.Equal("Float32", (string)manifest["parameters"]![1]!["states"]![0]!["codec"]!);
        Assert.Equal("Nearest", (string)manifest["parameter_rounding"]!);
        Assert.Null(manifest["rounding_seed"]);

        QuantizedState state = optimizer.Parameters[0].States["v"];
        Assert.Equal(state.Codes, Tensor("long.v.codes", "U8"));
        Assert.Equal(state.Absmax, MemoryMarshal.Cast<byte, float>(Tensor("long.v.absmax", "F32")));
        Assert.Equal(
            optimizer.Parameters[1].States["m"].Values,
            MemoryMarshal.Cast<byte, float>(Tensor("short.m.values", "F32")));

        ReadOnlySpan<byte> Tensor(string name, string type)
        {
            JsonNode entry = header[name]!;
            int start = (int)entry["data_offsets"]![0]!;
            int end = (int)entry["data_offsets"]![1]!;
            Span<byte> data = bytes.AsSpan(8 + headerBytes)[start..end];
            Assert.Equal(type, (string)entry["dtype"]!);
            Assert.Equal(0, start % (type == "U8" ? 1 : 4));
            Assert.Equal(Convert.ToHexStringLower(XxHash128.Hash(data)), (string)manifest["checksums"]![name]!);
            return data;
        }
    }

    [Fact]
    public void Save_HeadersChecksum_IsOfTheHeaderWithZerosInItsPlace()
    {
        using Optimizer<Adam> optimizer = Saved.Make(1);
        byte[] bytes = Saved.Bytes(optimizer);
        int end = 8 + Saved.HeaderBytes(bytes);
        string text = Encoding.UTF8.GetString(bytes, 8, end - 8);
        string found = (string)JsonNode.Parse(text)!["__metadata__"]!["requant_checksum"]!;

        byte[] zeroed =
        [
            .. bytes.AsSpan(0, 8),
            .. Encoding.UTF8.GetBytes(text.Replace(found, new string('0', 32), StringComparison.Ordinal)),
        ];

        Assert.Equal(Convert.ToHexStringLower(XxHash128.Hash(zeroed)), found);
    }

    [Theory]
    [InlineData(""), InlineData("a.m.codes"), InlineData("__metadata__"), InlineData("ü \"\\\n\u0001 🙂"),
        InlineData("requant_checksum")]
    public void SaveAndLoad_AnyName_IsFound(string name)
    {
        using Optimizer<Adam> source = Named(1, name);
        using Optimizer<Adam> optimizer = Named(2, name);

        Saved.Load(optimizer, Saved.Bytes(source));

        Assert.Equal(Saved.Bytes(source), Saved.Bytes(optimizer));
        Assert.Equal(2, optimizer.Parameters[0].Step);
    }

    [Fact]
    public void SaveAndLoad_ParametersInAnotherOrder_AreFoundByName()
    {
        using Optimizer<Adam> source = Saved.Make(1);
        using var optimizer = new Optimizer<Adam>(new Adam());
        ParameterState shorter = optimizer.Add("short", Saved.ShortLength);
        ParameterState longer = optimizer.Add("long", Saved.LongLength);

        Saved.Load(optimizer, Saved.Bytes(source));

        Assert.Equal(source.Parameters[0].States["m"].Codes, longer.States["m"].Codes);
        Assert.Equal(source.Parameters[1].States["m"].Values, shorter.States["m"].Values);
    }

    [Fact]
    public void SaveAndLoad_ExtremeHyperparameters_AreTheSame()
    {
        using Optimizer<Adam> source = Saved.Make(1);
        using Optimizer<Adam> optimizer = Saved.Make(2);
        source.Rule = new Adam { Lr = -float.MaxValue, Beta1 = 0.1f, Beta2 = -0f, Eps = float.Epsilon,
            WeightDecay = float.MaxValue };

        Saved.Load(optimizer, Saved.Bytes(source));

        Assert.Equal(source.Rule, optimizer.Rule);
        Assert.True(float.IsNegative(optimizer.Rule.Beta2));
    }

    [Fact]
    public void SaveAndLoad_StatesThatAreNotFinite_HaveTheSameBits()
    {
        using Optimizer<Adam> source = Saved.Make(1);
        using Optimizer<Adam> optimizer = Saved.Make(2);
        source.Parameters[1].States["m"].SetValues(
            3, [float.PositiveInfinity, BitConverter.UInt32BitsToSingle(0xffc01234)], verbatim: true);

        Saved.Load(optimizer, Saved.Bytes(source));

        Assert.Equal(Saved.Bytes(source), Saved.Bytes(optimizer));
    }

    [Fact]
    public void SaveAndLoad_Accelerator_HasTheBitsOfTheProcessor()
    {
        using Optimizer<Adam> source = Saved.Make(1);
        using var onDevice = new Optimizer<Adam>(
            new Adam(), new OptimizerOptions { Device = Device.Ilgpu(fixture.Accelerator) });
        onDevice.Add("long", Saved.LongLength);
        onDevice.Add("short", Saved.ShortLength);

        Saved.Load(onDevice, Saved.Bytes(source));

        Assert.Equal(Saved.Bytes(source), Saved.Bytes(onDevice));
    }

    [Fact]
    public void Save_NameThatIsNoText_Throws()
    {
        using var optimizer = new Optimizer<Adam>(new Adam());
        optimizer.Add("broken\ud800", 5);

        ArgumentException exception = Assert.Throws<ArgumentException>(() => Saved.Bytes(optimizer));

        Assert.Contains("valid Unicode", exception.Message, StringComparison.Ordinal);
    }

    private static Optimizer<Adam> Named(int seed, string name)
    {
        var optimizer = new Optimizer<Adam>(new Adam());
        optimizer.Add(name, Saved.LongLength);
        optimizer.Add(name + ".m", 0);
        Saved.Steps(optimizer, seed, 2);
        return optimizer;
    }
}
