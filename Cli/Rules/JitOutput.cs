using System.Buffers.Binary;
using System.Globalization;
using System.Reflection;

namespace Requant.Cli.Rules;

/// <summary>What the JIT wrote in a process of its own.</summary>
/// <param name="Listing">The machine code of methods.</param>
/// <param name="Handles">By name of class and method, what the runtime called them.</param>
/// <param name="Trace">Events of the process, in .NET's format of traces; empty where none were asked for.</param>
internal sealed record JitOutput(string Listing, IReadOnlyDictionary<string, ulong> Handles, byte[] Trace)
{
    /// <summary>Bytes of an event MethodILToNativeMap before its offsets: the method, the number of its
    /// recompilation, its extent, and how many offsets there are.</summary>
    private const int HeadBytes = 8 + 8 + 1 + 2;

    /// <summary>What a method is called here.</summary>
    public static string KeyOf(MethodInfo method) => $"{method.DeclaringType!.FullName}:{method.Name}";

    /// <summary>IL offsets by offsets of machine code, in order: those of the event in which the runtime says so.
    /// Events have fields one after another, so that one is found by what it begins with.</summary>
    /// <remarks>Source: https://learn.microsoft.com/dotnet/framework/performance/method-etw-events.</remarks>
    /// <returns>Empty where the trace has none.</returns>
    public IReadOnlyList<(int Native, int Il)> MapOf(MethodInfo method)
    {
        if (!Handles.TryGetValue(KeyOf(method), out ulong handle))
        {
            return [];
        }

        byte[] head = new byte[HeadBytes - 2];
        BinaryPrimitives.WriteUInt64LittleEndian(head, handle);
        for (int place = 0; Trace.AsSpan(place).IndexOf(head) is >= 0 and var found; place += found + 1)
        {
            if (Read(place + found) is { } map)
            {
                return map;
            }
        }

        return [];
    }

    private List<(int Native, int Il)>? Read(int place)
    {
        ReadOnlySpan<byte> data = Trace.AsSpan(place);
        if (data.Length < HeadBytes)
        {
            return null;
        }

        int count = BinaryPrimitives.ReadUInt16LittleEndian(data[(HeadBytes - 2)..]);
        if (count == 0 || data.Length < HeadBytes + (2 * count * sizeof(int)))
        {
            return null;
        }

        var map = new List<(int Native, int Il)>(count);
        for (int i = 0; i < count; i++)
        {
            int il = BinaryPrimitives.ReadInt32LittleEndian(data[(HeadBytes + (i * sizeof(int)))..]);
            int native = BinaryPrimitives.ReadInt32LittleEndian(data[(HeadBytes + ((count + i) * sizeof(int)))..]);
            if (native < 0 || il < -3)
            {
                return null;
            }

            map.Add((native, il));
        }

        return [.. map.OrderBy(entry => entry.Native)];
    }

    /// <summary>The handles that <c>prepare-kernel</c> prints, one a line.</summary>
    public static IReadOnlyDictionary<string, ulong> ReadHandles(string text) => text
        .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Distinct().Select(line => line.Split(' '))
        .ToDictionary(parts => parts[0], parts => ulong.Parse(parts[1], CultureInfo.InvariantCulture));
}
