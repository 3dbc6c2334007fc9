using System.Runtime.InteropServices;

namespace Requant;

/// <summary>What a checkpoint has for one parameter, read and checked and not yet in place.</summary>
internal sealed class ParameterImage
{
    private readonly ParameterState _parameter;
    private readonly int _step;
    private readonly List<StateImage> _states = [];
    private readonly Dictionary<string, float> _tensorStates = [];

    public ParameterImage(SafetensorsReader reader, CheckpointManifest manifest, ManifestParameter saved, ParameterState mine)
    {
        _parameter = mine;
        _step = saved.Step;
        TensorReader Open(string name) => reader.Read(reader.Header.Tensors[name], manifest.Checksums[name]);

        foreach (ManifestState state in saved.States.Where(state => state.InUse))
        {
            _states.Add(SavedState.Read(mine.States[state.Name], mine.Name, state, kind => Open(StatePart.NameOf(saved.Name, state.Name, kind))));
        }

        foreach (string name in saved.TensorStates)
        {
            float value = 0;
            Open(StatePart.NameOfScalar(saved.Name, name)).Read(MemoryMarshal.AsBytes(new Span<float>(ref value)));
            _tensorStates.Add(name, value);
        }
    }

    /// <summary>Gives the states their memory, with values 0 as before.</summary>
    public void Allocate() => _states.ForEach(image => image.State.Allocate());

    public void Commit()
    {
        _states.ForEach(image => image.Commit());

        // What was not in use where the checkpoint comes from had no values but 0.
        foreach (QuantizedState state in _parameter.States.Except(_states.Select(image => image.State)))
        {
            state.Clear();
        }

        foreach ((string name, float value) in _tensorStates)
        {
            _parameter.TensorStates[name] = value;
        }

        _parameter.Step = _step;
    }
}
