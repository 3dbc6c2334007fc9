using System.Text.Json.Nodes;
using Requant.Checkpoints;
using Requant.Checkpoints.Safetensors;
using Requant.Runtime.Tests.Support;

namespace Requant.Runtime.Tests.Checkpoints;

/// <summary>What does not fit is refused with a message that says what differs, and leaves every bit of the
/// optimizer as it was.</summary>
public sealed class RefusalTests
{
    /// <summary>Edits of a checkpoint's description, each with what the message says.</summary>
    private static readonly Dictionary<string, (Action<JsonObject> Edit, string[] Says)> Edits = new()
    {
        ["other rule"] = (one => one["rule"] = "Lion", ["rule Lion", nameof(Adam)]),
        ["other hash"] = (one => one["rule_hash"] = "0123", ["hash 0123", "AcceptOtherHash"]),
        ["newer format"] = (one => one["format"] = 3, ["format 3", "formats 1 to 2"]),
        ["format before the first"] = (one => one["format"] = 0, ["format 0", "formats 1 to 2"]),
        ["first format with what it lacks"] = (one => one["format"] = 1, ["roundings", "format 1"]),
        ["unknown field"] = (one => one["temperature"] = 1, ["temperature", "newer"]),
        ["other rounding"] = (MakeStochastic, ["Rounding = Stochastic", "has Nearest", "AcceptOtherRounding"]),
        ["lacking rounding"] = (one => one.Remove("parameter_rounding"), ["parameter_rounding"]),
        ["null rounding"] = (one => one["parameter_rounding"] = null, ["parameter_rounding"]),
        ["unknown rounding"] = (one => one["parameter_rounding"] = "Up", ["'Up'", "Nearest, Stochastic"]),
        ["rounding by number"] = (one => one["parameter_rounding"] = "0", ["'0'", "Nearest, Stochastic"]),
        ["stochastic rounding without a seed"] = (one => one["parameter_rounding"] = "Stochastic", ["rounding_seed"]),
        ["state of other rounding"] = (
            MakeStateStochastic, ["'m' of 'long'", "stochastic rounding", "StateRounding = "
                + "Stochastic", "AcceptOtherRounding"]),
        ["state's rounding without a seed"] = (one => State(one)["rounding"] = "Stochastic", ["rounding_seed"]),
        ["state without rounding"] = (one => State(one).Remove("rounding"), ["rounding"]),
        ["state of unknown rounding"] = (one => State(one)["rounding"] = "nearest", ["'m'", "'nearest'", "Nearest, "
            + "Stochastic"]),
        ["negative seed"] = (one => one["rounding_seed"] = -1, ["rounding_seed"]),
        ["seed beyond 64 bits"] =
            (one => one["rounding_seed"] = JsonNode.Parse("18446744073709551616"), ["rounding_seed"]),
        ["seed with a fraction"] = (one => one["rounding_seed"] = 0.5, ["rounding_seed"]),
        ["seed of words"] = (one => one["rounding_seed"] = "7", ["rounding_seed"]),
        ["lacking field"] = (one => one.Remove("library"), ["library"]),
        ["null field"] = (one => one["rule"] = null, ["rule"]),
        ["wrong type"] = (one => one["parameters"] = 5, ["parameters"]),
        ["null in a list"] = (one => Parameters(one).Add(null), ["null"]),
        ["null group"] = (one => one["groups"]!.AsArray()[0] = null, ["null"]),
        ["null state"] = (one => Long(one)["states"]!.AsArray().Add(null), ["null"]),
        ["null checksum"] = (one => one["checksums"]!["long.m.codes"] = null, ["null"]),
        ["no group"] = (one => one["groups"]!.AsArray().Clear(), ["0 parameter groups", "1"]),
        ["lacking parameter"] = (one => Parameters(one).RemoveAt(0), ["this optimizer alone: 'long'"]),
        ["extra parameter"] = (one => Parameters(one).Add(Named(Long(one), "other")), ["checkpoint alone: 'other'"]),
        ["parameter twice"] = (one => Parameters(one).Add(Long(one).DeepClone()), ["checkpoint alone: 'long'"]),
        ["other name"] = (one => Long(one)["name"] = "Long", ["'Long'", "'long'"]),
        ["other group"] = (one => Long(one)["group"] = 1, ["'long'", "group 1", "group 0"]),
        ["other length"] = (one => Long(one)["shape"] = Numbers(5004), ["'long'", "[5004]", "[5003]"]),
        ["shape that overflows"] =
            (one => Long(one)["shape"] = Numbers(long.MaxValue, long.MaxValue, 5003), ["'long'", "[5003]"]),
        ["negative shape"] = (one => Long(one)["shape"] = Numbers(-1, -5003), ["'long'", "[5003]"]),
        ["shape of zeros"] = (one => Long(one)["shape"] = Numbers(0), ["'long'", "[5003]"]),
        ["negative step"] = (one => Long(one)["step"] = -1, ["'long'", "step -1"]),
        ["step beyond int32"] = (one => Long(one)["step"] = 1L << 40, ["step"]),
        ["other state"] = (one => State(one)["name"] = "w", ["'long'", "'w'", "'m'"]),
        ["state twice"] =
            (one => Long(one)["states"]!.AsArray().Add(State(one).DeepClone()), ["states of 'long'", "'m'"]),
        ["unknown codec"] = (one => State(one)["codec"] = "Float4", ["'m'", "Float4", "DynamicUnsigned"]),
        ["codec by number"] = (one => State(one)["codec"] = "0", ["'m'", "codec '0'"]),
        ["other codec"] =
            (one => State(one)["codec"] = "SoftSign", ["'m' of 'long'", "SoftSign", "Dynamic", "ConvertCodec"]),
        ["float32 state"] =
            (one => State(one)["codec"] = "Float32", ["'m' of 'long'", "Float32", "Dynamic", "ConvertPrecision"]),
        ["other block size"] =
            (one => State(one)["block_size"] = 128, ["'m' of 'long'", "blocks of 128", "256", "ConvertBlockSize"]),
        ["no block size"] = (one => State(one)["block_size"] = 0, ["'m' of 'long'", "blocks of 0"]),
        ["state said to be unused"] = (one => State(one)["in_use"] = false, ["'long.m.codes'"]),
        ["tensor state"] = (one => Long(one)["tensor_states"]!.AsArray().Add("d"), ["tensor states of 'long'", "'d'"]),
        ["extra hyperparameter"] = (one => Hyperparameters(one)["rho"] = 1, ["rho"]),
        ["lacking hyperparameter"] = (one => Hyperparameters(one).Remove("beta1"), ["beta1"]),
        ["hyperparameter beyond float32"] = (one => Hyperparameters(one)["lr"] = 1e300, ["lr", "1E+300"]),
        ["hyperparameter of words"] = (one => Hyperparameters(one)["lr"] = "fast", ["lr"]),
        ["lacking checksum"] =
            (one => one["checksums"]!.AsObject().Remove("long.m.codes"), ["checksums", "'long.m.codes'"]),
        ["extra checksum"] = (one => one["checksums"]!["x"] = "0", ["checksums", "'x'"]),
        ["other checksum"] =
            (one => one["checksums"]!["long.m.codes"] = HeaderSeal.Zeros, ["'long.m.codes'", HeaderSeal.Zeros]),
    };

    /// <summary>Edits of a header, each with what the message says.</summary>
    private static readonly Dictionary<string, (Action<JsonObject> Edit, string[] Says)> HeaderEdits = new()
    {
        ["no description"] =
            (one => one[SafetensorsHeader.MetadataKey]!.AsObject().Remove(CheckpointManifest.Key), ["'requant'"]),
        ["no checksum"] =
            (one => one[SafetensorsHeader.MetadataKey]!.AsObject().Remove(HeaderSeal.Key), [HeaderSeal.Key, "Import"]),
        ["other type of the same size"] = (one => one["long.m.codes"]!["dtype"] = "I8", ["'long.m.codes'", "I8", "U8"]),
        ["other name of a tensor"] =
            (one => Rename(one, "long.m.codes", "long.n.codes"), ["'long.m.codes'", "'long.n.codes'"]),
        ["tensors change places"] = (one => Exchange(one, "long.m.codes", "long.v.codes"), ["checksum", "damaged"]),
    };

    public static TheoryData<string> EditNames => [.. Edits.Keys];

    public static TheoryData<string> HeaderEditNames => [.. HeaderEdits.Keys];

    [Theory, MemberData(nameof(EditNames))]
    public void Load_OtherDescription_IsRefused(string edit) =>
        AssertRefused(bytes => Saved.EditManifest(bytes, Edits[edit].Edit), Edits[edit].Says);

    [Theory, MemberData(nameof(HeaderEditNames))]
    public void Load_OtherHeader_IsRefused(string edit) =>
        AssertRefused(bytes => Saved.EditHeader(bytes, HeaderEdits[edit].Edit), HeaderEdits[edit].Says);

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(100)]
    [InlineData(4000)]
    [InlineData(-1)]
    public void Load_CutOff_IsRefused(int length) =>
        AssertRefused(bytes => bytes[..(length >= 0 ? length : bytes.Length + length)], []);

    [Fact]
    public void Load_BytesBehindTheEnd_IsRefused() =>
        AssertRefused(bytes => [.. bytes, 0], ["1 bytes that belong to no tensor"]);

    [Fact]
    public void Load_DescriptionWithAFieldTwice_IsRefused()
    {
        AssertRefused(bytes => EditText(bytes, "\\\"step\\\":2", "\\\"step\\\":2,\\\"step\\\":3"), ["step"]);
        AssertRefused(bytes => EditText(bytes, "\\\"eps\\\":", "\\\"lr\\\":1,\\\"eps\\\":"), ["description"]);
    }

    [Fact]
    public void Load_DeepDescription_IsRefused() =>
        AssertRefused(
            bytes => EditText(bytes, "\\\"parameters\\\":", $"\\\"parameters\\\":{new string('[', 100_000)}"),
            ["parameters"]);

    [Fact]
    public void Load_HugeHeader_IsRefused()
    {
        AssertRefused(bytes => [.. BitConverter.GetBytes(long.MaxValue), .. bytes.AsSpan(8)], ["9223372036854775807"]);
        AssertRefused(bytes => [.. BitConverter.GetBytes(-1L), .. bytes.AsSpan(8)], ["18446744073709551615"]);
    }

    [Fact]
    public void Load_CodesAndScalesThatNoCodecGives_AreRefused()
    {
        // The checksum is right: whoever wrote the file wrote this.
        AssertRefused(bytes => WithFloat(bytes, "long.m.absmax", float.NaN), ["absmax", "'m' of 'long'", "NaN"]);
        AssertRefused(bytes => WithFloat(bytes, "long.v.absmax", -1f), ["absmax", "'v' of 'long'", "-1"]);
    }

    [Fact]
    public void Load_OptimizerKeptInFloat32_IsRefused()
    {
        using Optimizer<Adam> other = Saved.Make(1, new OptimizerOptions { KeepFloat32 = ["long"] });
        byte[] bytes = Saved.Bytes(other);
        AssertRefused(_ => bytes, ["'m' of 'long'", "Float32", "Dynamic", "KeepFloat32"]);
    }

    [Fact]
    public void Load_OtherFile_IsRefused()
    {
        AssertRefused(_ => [], ["0 bytes"]);
        AssertRefused(_ => "{\"a\": 1}                  "u8.ToArray(), ["claims a header"]);
        AssertRefused(_ => [16, 0, 0, 0, 0, 0, 0, 0, .. "hello, world    "u8], ["JSON"]);
    }

    [Fact]
    public void Load_NoFile_ThrowsWhatTheFrameworkThrows()
    {
        using Optimizer<Adam> optimizer = Saved.Make(1);
        Assert.Throws<FileNotFoundException>(() => optimizer.Load("/no-such-file"[1..]));
        Assert.Throws<ArgumentException>(() => optimizer.Load(""));
        optimizer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => optimizer.Load("x"));
        Assert.Throws<ObjectDisposedException>(() => optimizer.Save("x"));
    }

    [Fact]
    public void Load_RuleOfAnotherHash_IsAcceptedWhenAllowed()
    {
        using Optimizer<Adam> source = Saved.Make(1);
        using Optimizer<Adam> optimizer = Saved.Make(2);
        byte[] edited = Saved.EditManifest(Saved.Bytes(source), one =>
        {
            one["rule_hash"] = "0123";
            Hyperparameters(one).Remove("beta1");
        });

        Saved.Load(optimizer, edited, new LoadOptions { AcceptOtherHash = true });

        Assert.Equal(Saved.Bytes(source), Saved.Bytes(optimizer));
    }

    private static void AssertRefused(Func<byte[], byte[]> tamper, string[] says)
    {
        using Optimizer<Adam> source = Saved.Make(1);
        using Optimizer<Adam> optimizer = Saved.Make(2);
        optimizer.Rule = optimizer.Rule with { Lr = 0.5f };
        byte[] before = Saved.Bytes(optimizer);

        CheckpointException exception = Assert.Throws<CheckpointException>(
            () => Saved.Load(optimizer, tamper(Saved.Bytes(source))));

        Assert.All(says, text => Assert.Contains(text, exception.Message, StringComparison.Ordinal));
        Assert.Equal(before, Saved.Bytes(optimizer));
    }

    private static byte[] EditText(byte[] bytes, string from, string to)
    {
        string header = Saved.Header(bytes);
        Assert.Contains(from, header, StringComparison.Ordinal);
        return Saved.WithHeader(bytes, header.Replace(from, to, StringComparison.Ordinal));
    }

    private static void MakeStochastic(JsonObject manifest) =>
        (manifest["parameter_rounding"], manifest["rounding_seed"]) = ("Stochastic", 1);

    private static void MakeStateStochastic(JsonObject manifest) =>
        (State(manifest)["rounding"], manifest["rounding_seed"]) = ("Stochastic", 1);

    private static JsonArray Parameters(JsonObject manifest) => manifest["parameters"]!.AsArray();

    private static JsonObject Long(JsonObject manifest) => Parameters(manifest)[0]!.AsObject();

    private static JsonObject State(JsonObject manifest) => Long(manifest)["states"]![0]!.AsObject();

    private static JsonObject Hyperparameters(JsonObject manifest) =>
        manifest["groups"]![0]!["hyperparameters"]!.AsObject();

    private static JsonArray Numbers(params long[] values) => [.. values.Select(value => JsonValue.Create(value))];

    private static JsonNode Named(JsonObject parameter, string name)
    {
        JsonNode copy = parameter.DeepClone();
        copy["name"] = name;
        return copy;
    }

    private static void Rename(JsonObject header, string from, string to)
    {
        JsonNode tensor = header[from]!;
        header.Remove(from);
        header[to] = tensor;
    }

    private static void Exchange(JsonObject header, string first, string second) =>
        (header[first]!["data_offsets"], header[second]!["data_offsets"]) =
            (header[second]!["data_offsets"]!.DeepClone(), header[first]!["data_offsets"]!.DeepClone());

    /// <summary>The file with another first element of a tensor, whose checksum is right.</summary>
    private static byte[] WithFloat(byte[] bytes, string tensor, float value)
    {
        JsonArray offsets = JsonNode.Parse(Saved.Header(bytes))![tensor]!["data_offsets"]!.AsArray();
        int data = sizeof(long) + Saved.HeaderBytes(bytes);
        Span<byte> elements = bytes.AsSpan(data + (int)offsets[0]!, (int)offsets[1]! - (int)offsets[0]!);
        BitConverter.TryWriteBytes(elements, value);
        var hash = new System.IO.Hashing.XxHash128();
        hash.Append(elements);
        string checksum = Checksum.Of(hash);
        return Saved.EditManifest(bytes, one => one["checksums"]![tensor] = checksum);
    }
}
