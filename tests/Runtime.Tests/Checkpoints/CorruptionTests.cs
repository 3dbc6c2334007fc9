using System.Runtime.InteropServices;
using System.Text;
using Requant.Checkpoints.Safetensors;
using Requant.Runtime.Tests.Support;
using Requant.Tests;

namespace Requant.Runtime.Tests.Checkpoints;

/// <summary>Files that were damaged at random: none is taken, none crashes, and none costs more memory than
/// twice its size.</summary>
public sealed class CorruptionTests : IDisposable
{
    /// <summary>Large against what a load allocates besides.</summary>
    private const int Length = 20_011;

    /// <summary>What a load allocates whatever the file: the stream's buffer, what is known of the optimizer's
    /// parameters, an exception and its message.</summary>
    private const int OwnBytes = 24 * 1024;

    /// <summary>Longest piece that is put in, taken out or overwritten.</summary>
    private const int MostBytes = 64;

    private static readonly int Corruptions = LongRun.Of(2000, 10_000);
    private static readonly int Edits = LongRun.Of(600, 3000);

    private readonly string _file = Path.GetTempFileName();
    private readonly Optimizer<Adam> _optimizer = Make(2);
    private readonly byte[] _own;

    public CorruptionTests() => _own = Saved.Bytes(_optimizer);

    [Fact]
    public void Load_RandomlyCorrupted_IsRefusedAndChangesNothing()
    {
        var random = new Random(20260722);
        using Optimizer<Adam> source = Make(1);
        byte[] intact = Saved.Bytes(source);
        byte[] before = LoadAndBack(source, intact);
        for (int i = 0; i < Corruptions; i++)
        {
            byte[] corrupted = Corrupt(random, intact, i % 6);
            if (corrupted.AsSpan().SequenceEqual(intact))
            {
                continue;
            }

            Exception? exception = Load(corrupted);

            Assert.True(exception is CheckpointException, $"Corruption {i}: {exception?.ToString() ?? "accepted"}");
            Assert.True(before.AsSpan().SequenceEqual(Bits(_optimizer)), $"Corruption {i} changed the optimizer.");
        }
    }

    [Fact]
    public void Load_RandomlyEditedHeaderWithItsChecksum_IsRefusedOrHasTheSavedStates()
    {
        var random = new Random(20260723);
        using Optimizer<Adam> source = Make(1);
        byte[] intact = Saved.Bytes(source);
        byte[] before = LoadAndBack(source, intact);
        int accepted = 0;
        for (int i = 0; i < Edits; i++)
        {
            byte[] header = intact.AsSpan(sizeof(long), Saved.HeaderBytes(intact)).ToArray();
            byte[] edited = Sealed(intact, Corrupt(random, header, i % 6));
            Exception? exception = Load(edited);

            Assert.True(exception is null or CheckpointException, $"Edit {i}: {exception}");
            Assert.True(
                exception is null || before.AsSpan().SequenceEqual(Bits(_optimizer)),
                $"Edit {i} changed the optimizer.");
            if (exception is null)
            {
                // A step or a hyperparameter may be another; the tensors have checksums of their own.
                accepted++;
                Assert.True(
                    Bits(source).AsSpan().SequenceEqual(Bits(_optimizer)),
                    $"Edit {i} gave states that were not saved.");
                Saved.Load(_optimizer, _own);
            }
        }

        Assert.InRange(accepted, 1, Edits / 10);
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        File.Delete(_file);
    }

    /// <summary>Loads an intact file, and the optimizer's own again.</summary>
    /// <returns>The optimizer's bits.</returns>
    private byte[] LoadAndBack(Optimizer<Adam> source, byte[] intact)
    {
        byte[] before = Bits(_optimizer);
        Saved.Load(_optimizer, intact);
        Assert.Equal(Bits(source), Bits(_optimizer));
        Saved.Load(_optimizer, _own);
        Assert.Equal(before, Bits(_optimizer));
        Assert.Null(Load(intact));
        Saved.Load(_optimizer, _own);
        return before;
    }

    private static byte[] Corrupt(Random random, byte[] bytes, int kind)
    {
        byte[] copy = [.. bytes];

        // Half of all damage hits the first kilobytes, where the header is.
        int place = random.Next(random.Next(2) == 0 ? bytes.Length : Math.Min(bytes.Length, 4096));
        int length = random.Next(1, MostBytes);
        byte[] noise = new byte[length];
        random.NextBytes(noise);
        switch (kind)
        {
            case 0:
                copy[place] ^= (byte)(1 << random.Next(8));
                return copy;
            case 1:
                return copy[..place];
            case 2:
                return [.. copy.AsSpan(0, place), .. noise, .. copy.AsSpan(place)];
            case 3:
                return [.. copy.AsSpan(0, place), .. copy.AsSpan(Math.Min(copy.Length, place + length))];
            case 4:
                noise.AsSpan(0, Math.Min(length, copy.Length - place)).CopyTo(copy.AsSpan(place));
                return copy;
            default:
                // Numbers, names and brackets that a header has, in other places.
                int from = random.Next(Math.Min(bytes.Length, 2048));
                int count = Math.Min(length, copy.Length - Math.Max(from, place));
                bytes.AsSpan(from, count).CopyTo(copy.AsSpan(place));
                return copy;
        }
    }

    /// <summary>The file with this header, and its checksum where it has a place for one.</summary>
    private static byte[] Sealed(byte[] intact, byte[] header)
    {
        int place = header.AsSpan().IndexOf(Encoding.UTF8.GetBytes($"\"{HeaderSeal.Key}\":\""));
        int digits = place + HeaderSeal.Key.Length + 4;
        if (place >= 0 && digits + HeaderSeal.Zeros.Length < header.Length)
        {
            try
            {
                HeaderSeal.Write(header);
            }
            catch (CheckpointException)
            {
                // It is no JSON any more.
            }
        }

        return [.. BitConverter.GetBytes((long)header.Length), .. header,
            .. intact.AsSpan(sizeof(long) + Saved.HeaderBytes(intact))];
    }

    private Exception? Load(byte[] bytes)
    {
        File.WriteAllBytes(_file, bytes);
        Exception? exception = null;

        // What the framework initializes once, such as the texts of its messages, is not a load's: the second
        // time counts.
        if (Allocated() > Most())
        {
            long allocated = Allocated();
            Assert.True(allocated <= Most(), $"A load of {bytes.Length} bytes allocated {allocated}.");
        }

        long Most() => (2L * bytes.Length) + OwnBytes;

        long Allocated()
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            exception = Record.Exception(() => _optimizer.Load(_file));
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        return exception;
    }

    private static Optimizer<Adam> Make(int seed) => Saved.Make(seed, length: Length);

    /// <summary>The states' bits.</summary>
    private static byte[] Bits(Optimizer<Adam> optimizer)
    {
        var bits = new List<byte>();
        foreach (QuantizedState state in optimizer.Parameters.SelectMany(parameter => parameter.States))
        {
            bits.AddRange(state.IsQuantized ? state.Codes : MemoryMarshal.AsBytes(state.Values));
            bits.AddRange(state.IsQuantized ? MemoryMarshal.AsBytes(state.Absmax) : []);
        }

        return [.. bits];
    }
}
