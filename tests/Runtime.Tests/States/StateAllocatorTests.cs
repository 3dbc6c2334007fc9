using System.Runtime.InteropServices;
using Requant.Runtime.Tests.Support;
using Requant.States;

namespace Requant.Runtime.Tests.States;

public class StateAllocatorTests
{
    [Fact]
    public void Add_WithAllocator_StatesLiveInItsMemoryUntilDispose()
    {
        var allocator = new RecordingAllocator();
        var adam = new Optimizer<Adam>(new Adam());

        ParameterState state = adam.Add("w", 5000, allocator);
        adam.Step(state, new float[5000], Enumerable.Repeat(1f, 5000).ToArray());

        Assert.Equal(
            [
                ("m", StateMemoryKind.Codes, 5000L, (byte)127), ("m", StateMemoryKind.Absmax, 20L, (byte)0),
                ("v", StateMemoryKind.Codes, 5000L, (byte)0), ("v", StateMemoryKind.Absmax, 20L, (byte)0),
            ],
            allocator.Requests);
        Assert.Equal(state.States["m"].Codes.ToArray(), allocator.Blocks[0].Bytes[..5000]);
        Assert.Equal(0, allocator.Disposed);
        adam.Dispose();
        Assert.Equal(4, allocator.Disposed);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Add_AllocatorFails_FreesWhatItHadAndAddsNothing(int failAt)
    {
        var allocator = new RecordingAllocator { FailAt = failAt };
        using var adam = new Optimizer<Adam>(new Adam());

        Assert.Throws<NotImplementedException>(() => adam.Add("w", 5000, allocator));

        Assert.Equal(failAt, allocator.Disposed);
        Assert.Empty(adam.Parameters);
        adam.Add("w", 5000);
    }

    [Fact]
    public void Codes_LongerThanASpan_ThrowsAndNamesTheAlternative()
    {
        using var adam = new Optimizer<Adam>(new Adam());
        QuantizedState m = adam.Add("huge", int.MaxValue + 1L, new PretendingAllocator()).States["m"];

        Assert.Contains("GetCodes", Assert.Throws<InvalidOperationException>(() => m.Codes.Length).Message,
            StringComparison.Ordinal);
        Assert.Equal(1 << 23, m.Absmax.Length);
        Assert.Equal(16, m.GetCodes(0, 16).Length);
    }

    /// <summary>Claims to have memory of any size, of which only the first bytes exist.</summary>
    private sealed class PretendingAllocator : IStateAllocator
    {
        public IStateMemory Allocate(string stateName, StateMemoryKind kind, long count, byte fill) =>
            new NativeBuffer(64);
    }

    private sealed class RecordingAllocator : IStateAllocator
    {
        public List<(string, StateMemoryKind, long, byte)> Requests { get; } = [];

        public List<Block> Blocks { get; } = [];

        public int FailAt { get; init; } = -1;

        public int Disposed { get; private set; }

        public IStateMemory Allocate(string stateName, StateMemoryKind kind, long count, byte fill)
        {
            if (Requests.Count == FailAt)
            {
                throw new NotImplementedException();
            }

            Requests.Add((stateName, kind, count, fill));
            Blocks.Add(new Block(this, (int)count * (kind == StateMemoryKind.Codes ? 1 : sizeof(float)), fill));
            return Blocks[^1];
        }

        public sealed class Block : IStateMemory
        {
            private readonly RecordingAllocator _owner;

            public Block(RecordingAllocator owner, int bytes, byte fill)
            {
                _owner = owner;
                Bytes = GC.AllocateArray<byte>(bytes, pinned: true);
                Array.Fill(Bytes, fill);
            }

            public byte[] Bytes { get; }

            public nint Pointer => Marshal.UnsafeAddrOfPinnedArrayElement(Bytes, 0);

            public void Dispose() => _owner.Disposed++;
        }
    }
}
