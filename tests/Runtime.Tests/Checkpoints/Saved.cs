using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Requant.Checkpoints;
using Requant.Checkpoints.Safetensors;
using Requant.Runtime.Tests.Support;

namespace Requant.Runtime.Tests.Checkpoints;

/// <summary>Optimizers for checkpoints, and checkpoints in memory that were tampered with.</summary>
internal static class Saved
{
    /// <summary>Quantized, with a ragged last block.</summary>
    public const int LongLength = 5003;

    public const int ShortLength = 60;

    /// <summary>An optimizer of two parameters after some steps.</summary>
    public static Optimizer<Adam> Make(int seed, OptimizerOptions? options = null, int length = LongLength)
    {
        var optimizer = new Optimizer<Adam>(new Adam { Lr = 0.01f }, options);
        optimizer.Add("long", length);
        optimizer.Add("short", ShortLength);
        Steps(optimizer, seed, 2);
        return optimizer;
    }

    public static void Steps(Optimizer<Adam> optimizer, int seed, int count)
    {
        var random = new Random(seed);
        for (int step = 0; step < count; step++)
        {
            foreach (ParameterState state in optimizer.Parameters)
            {
                float[] gradients = [.. Enumerable.Range(0, (int)state.Length).Select(_ => random.NextSingle() - 0.5f)];
                optimizer.Step(state, new float[state.Length], gradients);
            }
        }
    }

    /// <summary>The checkpoint, which has every bit of the optimizer.</summary>
    public static byte[] Bytes<TRule>(Optimizer<TRule> optimizer)
        where TRule : IOptimizerRule<TRule>
    {
        string file = Path.GetTempFileName();
        optimizer.Save(file);
        byte[] bytes = File.ReadAllBytes(file);
        File.Delete(file);
        return bytes;
    }

    public static void Load<TRule>(Optimizer<TRule> optimizer, byte[] bytes, LoadOptions? options = null)
        where TRule : IOptimizerRule<TRule>
    {
        string file = Path.GetTempFileName();
        File.WriteAllBytes(file, bytes);
        try
        {
            optimizer.Load(file, options);
        }
        finally
        {
            File.Delete(file);
        }
    }

    public static string Header(byte[] bytes) => Encoding.UTF8.GetString(bytes, sizeof(long), HeaderBytes(bytes));

    public static int HeaderBytes(byte[] bytes) => (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);

    /// <summary>The file with another header, whose checksum is right again.</summary>
    public static byte[] WithHeader(byte[] bytes, string header)
    {
        byte[] json = Encoding.UTF8.GetBytes(header);
        const string Label = $"\"{HeaderSeal.Key}\":\"";
        int place = header.IndexOf(Label, StringComparison.Ordinal);
        if (place >= 0)
        {
            int start = Encoding.UTF8.GetByteCount(header.AsSpan(0, place + Label.Length));
            Encoding.UTF8.GetBytes(HeaderSeal.Zeros).CopyTo(json, start);
            HeaderSeal.Write(json);
        }

        byte[] prefix = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, json.Length);
        return [.. prefix, .. json, .. bytes.AsSpan(sizeof(long) + HeaderBytes(bytes))];
    }

    /// <summary>The file with a changed header, whose checksum is right again.</summary>
    public static byte[] EditHeader(byte[] bytes, Action<JsonObject> edit)
    {
        JsonObject header = JsonNode.Parse(Header(bytes))!.AsObject();
        edit(header);
        return WithHeader(bytes, Compact(header));
    }

    /// <summary>The file with a changed description, and a header's checksum that is right again.</summary>
    public static byte[] EditManifest(byte[] bytes, Action<JsonObject> edit) => EditHeader(bytes, header =>
    {
        JsonObject metadata = header[SafetensorsHeader.MetadataKey]!.AsObject();
        JsonObject manifest = JsonNode.Parse((string)metadata[CheckpointManifest.Key]!)!.AsObject();
        edit(manifest);
        metadata[CheckpointManifest.Key] = Compact(manifest);
    });

    /// <summary>The file as a version before format 2 would have written it, by a rule with another hash.</summary>
    public static byte[] AsFirstFormat(byte[] bytes) => EditManifest(bytes, manifest =>
    {
        (manifest["format"], manifest["rule_hash"]) = (1, "of codecs too");
        manifest.Remove("parameter_rounding");
        JsonArray parameters = manifest["parameters"]!.AsArray();
        foreach (JsonNode? state in parameters.SelectMany(parameter => parameter!["states"]!.AsArray()))
        {
            state!.AsObject().Remove("rounding");
        }
    });

    private static string Compact(JsonNode node) =>
        node.ToJsonString(new JsonSerializerOptions { WriteIndented = false });
}
