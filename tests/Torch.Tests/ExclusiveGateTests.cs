using TorchSharp.Modules;

namespace Requant.Torch.Tests;

/// <summary>A step and a save of one optimizer on two threads.</summary>
public sealed class ExclusiveGateTests : IDisposable
{
    private const int Files = 40;

    private readonly string _file = Path.Combine(Path.GetTempPath(), $"requant-{Guid.NewGuid():N}.safetensors");

    [Fact]
    public void Save_WhileAnotherThreadSteps_IsRefusedOrWhole()
    {
        Parameter parameter = Some.Parameter(1, 400_000);
        using var optimizer = new Adam8bit([parameter], 1e-3);
        Some.SetGradient(parameter, 2);
        optimizer.step();
        optimizer.SaveCheckpoint(_file);
        bool stop = false;
        var thread = new Thread(() =>
        {
            while (!Volatile.Read(ref stop))
            {
                Take(() => optimizer.step());
            }
        });
        thread.Start();
        try
        {
            for (int i = 0; i < Files; i++)
            {
                Take(() => optimizer.SaveCheckpoint(_file));
                using var other = new Adam8bit([Some.Parameter(1, 400_000)], 1e-3);
                other.LoadCheckpoint(_file);
            }
        }
        finally
        {
            Volatile.Write(ref stop, true);
            thread.Join();
        }

        static void Take(Action action)
        {
            try
            {
                action();
            }
            catch (InvalidOperationException)
            {
                // It was the other thread's turn.
            }
        }
    }

    [Fact]
    public void Gate_Closed_RefusesAllOthersAndLeavesTheFile()
    {
        using var optimizer = new Adam8bit([Some.Parameter(1, 100)], 1e-3);
        File.WriteAllText(_file, "old");
        ExclusiveGate gate = optimizer.Gate;
        using (ExclusiveGate.Passage passage = gate.Enter())
        {
            Action[] actions =
            [
                () => optimizer.step(), () => optimizer.SaveCheckpoint(_file), () => optimizer.LoadCheckpoint(_file),
                () => optimizer.ExportStates(_file, StateLayout.PyTorch),
                () => optimizer.ImportStates(_file, StateLayout.PyTorch),
                () => optimizer.Report(), () => optimizer.save_state_dict(new BinaryWriter(new MemoryStream())),
                () => optimizer.load_state_dict(optimizer.state_dict()),
                () => optimizer.add_param_group(new Adam8bit.ParamGroup([Some.Parameter(2, 5)])), optimizer.Dispose,
            ];
            Assert.All(actions, action => Assert.Contains(
                "is under way", Assert.Throws<InvalidOperationException>(action).Message, StringComparison.Ordinal));
        }

        Assert.Equal("old", File.ReadAllText(_file));
        Some.Steps(optimizer, 1, 1);
    }

    /// <summary>TorchSharp writes the elements of a state dictionary one by one.</summary>
    [Fact]
    public void SaveStateDict_StepInBetween_WritesTheStatesBeforeIt()
    {
        Parameter parameter = Some.Parameter(1, 100);
        using var optimizer = new Adam8bit([parameter], 1e-3);
        Some.Steps(optimizer, 1, 1);
        OptimizerState state = optimizer.state_dict().State[0];
        byte[] before = Written();
        Some.Steps(optimizer, 2, 1);

        Assert.Equal(before, Written());

        byte[] Written()
        {
            using var stream = new MemoryStream();
            state.SaveStateDict(new BinaryWriter(stream));
            return stream.ToArray();
        }
    }

    public void Dispose() => File.Delete(_file);
}
