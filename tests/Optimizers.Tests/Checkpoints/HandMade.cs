using System.Runtime.InteropServices;
using System.Text;

namespace Requant.Optimizers.Tests.Checkpoints;

/// <summary>A safetensors file put together here, as another library would write it.</summary>
internal sealed class HandMade
{
    private readonly List<string> _entries = ["\"__metadata__\":{\"format\":\"pt\"}"];
    private readonly List<byte> _data = [];

    public HandMade Add<T>(string name, string type, string shape, params ReadOnlySpan<T> values)
        where T : unmanaged
    {
        int start = _data.Count;
        _data.AddRange(MemoryMarshal.AsBytes(values));
        _entries.Add(
            $"\"{name}\":{{\"dtype\":\"{type}\",\"shape\":[{shape}],\"data_offsets\":[{start},{_data.Count}]}}");
        return this;
    }

    public byte[] Bytes()
    {
        byte[] header = Encoding.UTF8.GetBytes($"{{{string.Join(',', _entries)}}}");
        return [.. BitConverter.GetBytes((long)header.Length), .. header, .. _data];
    }
}
