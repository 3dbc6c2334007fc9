using System.Runtime.InteropServices;
using Requant.Checkpoints.Images;
using Requant.Checkpoints.Safetensors;

namespace Requant.Checkpoints.Layouts;

/// <summary>Reads the states of parameters from another library's file.</summary>
internal sealed class LayoutImport(
    SafetensorsReader reader, StateLayout layout, IReadOnlyDictionary<string, string> names, LoadOptions options)
{
    /// <summary>The block sizes that bitsandbytes has had. A tensor's is the one that gives as many
    /// scales as it has.</summary>
    private static readonly int[] BlockSizesOfBitsAndBytes = [256, 2048];

    private readonly CheckpointDifferences _differences = new();

    /// <summary>Reads and checks everything.</summary>
    /// <exception cref="CheckpointException">Something is missing, too much, or does not fit.</exception>
    public List<ParameterImage> Read(IReadOnlyList<CheckpointParameter> parameters, LayoutTensors tensors)
    {
        CheckpointParameter[] missing =
            [.. parameters.Where(one => IsNeeded(one.State) && tensors.Of(one.State.Name).Count == 0)];
        if (missing.Length > 0 && (missing.Length == parameters.Count || !options.AcceptMissingParameters))
        {
            throw new CheckpointException(
                missing.Length == parameters.Count
                ? "The file has no states of any parameter of this optimizer; import one that has."
                : $"The file has nothing of parameter '{missing[0].State.Name}'"
                    + (missing.Length > 1 ? $" and of {missing.Length - 1} more of {parameters.Count}" : "")
                    + $". {layout} keeps no states of a parameter that never had a gradient: set {nameof(LoadOptions)}."
                    + $"{nameof(LoadOptions.AcceptMissingParameters)} to begin such a parameter at step 0, or import a "
                    + "file that has all.");
        }

        List<ParameterImage> images =
        [
            .. parameters.Select(one => missing.Contains(one)
                ? new ParameterImage(one.State, step: 0, [], one.State.TensorStates.Initial)
                : Read(one, tensors.Of(one.State.Name))),
        ];
        _differences.ThrowIfAny();
        return images;
    }

    private static bool IsNeeded(ParameterState mine) =>
        mine.TensorStates.Count > 0 || mine.States.Any(state => state.IsAllocated);

    private ParameterImage Read(CheckpointParameter parameter, IReadOnlyDictionary<string, SafetensorsTensor> tensors)
    {
        ParameterState mine = parameter.State;
        HashSet<string> unread = [.. tensors.Keys];
        int step = ReadStep(mine.Name, tensors);
        unread.Remove(LayoutTensors.Step);
        var states = new List<StateImage>();
        foreach (QuantizedState state in mine.States)
        {
            if (names.TryGetValue(state.Name, out string? name)
                && tensors.TryGetValue(name, out SafetensorsTensor? tensor))
            {
                if (ReadState(parameter, state, tensor, tensors) is StateImage image)
                {
                    states.Add(image);
                }

                unread.ExceptWith([name, .. CompanionsOf(name)]);
            }
            else if (state.IsAllocated)
            {
                throw Missing($"state '{state.Name}' of '{mine.Name}'", name);
            }
        }

        var scalars = new Dictionary<string, float>();
        foreach (string tensorState in mine.TensorStates.Names)
        {
            if (!names.TryGetValue(tensorState, out string? name)
                || !tensors.TryGetValue(name, out SafetensorsTensor? tensor))
            {
                throw Missing($"tensor state '{tensorState}' of '{mine.Name}'", name);
            }

            float value = (float)ReadNumber(tensor);
            scalars[tensorState] = float.IsFinite(value) ? value : throw new CheckpointException(
                $"Tensor state '{tensorState}' of '{mine.Name}' is {value} in the file; it should be finite. Use a "
                + "file from before the run went wrong.");
            unread.Remove(name);
        }

        return unread.Count == 0 ? new ParameterImage(mine, step, states, scalars) : throw new CheckpointException(
            $"Tensor {tensors[unread.First()]} is none of the states of '{mine.Name}' that {layout} has for this rule "
            + "and these hyperparameters.");
    }

    private CheckpointException Missing(string what, string? name) => new($"The file has no tensor for {what}"
        + (name is null
            ? $", and {layout} no name for it; say it: layout with {{ {nameof(StateLayout.Names)} = ... }}."
            : $": '{name}' is missing. Import a file that has it, or make the optimizer with the hyperparameters that "
                + "the file was written with."));

    /// <returns>Null where an option would have to allow it.</returns>
    private StateImage? ReadState(
        CheckpointParameter parameter, QuantizedState state, SafetensorsTensor tensor,
        IReadOnlyDictionary<string, SafetensorsTensor> all)
    {
        RequireShape(parameter, tensor);
        string what = $"State '{state.Name}' of '{parameter.State.Name}'";
        if (!layout.IsBitsAndBytes || tensor.Type != SafetensorsType.U8)
        {
            if (!FloatValues.IsSupported(tensor.Type))
            {
                throw new CheckpointException($"{what} is {tensor} in the file; it should be F32, F16, BF16 or F64.");
            }

            return !Allow(
                !state.IsQuantized || options.ConvertPrecision, what, tensor.Type.ToString(), state, AsFloat32)
                ? null
                : StateImage.Encoded(state, parameter.State.Name, new FloatValues(reader.Read(tensor)));
        }

        string[] companions = CompanionsOf(tensor.Name[(tensor.Name.LastIndexOf('.') + 1)..]);
        SafetensorsTensor absmax = Companion(all, companions[0], tensor, SafetensorsType.F32);
        SafetensorsTensor qmap = Companion(all, companions[1], tensor, SafetensorsType.F32);
        int blockSize = BlockSizeOf(tensor, absmax);
        float[] values = ReadMap(qmap);
        var map = BitsAndBytesMap.OfFile(values);
        string found =
            $"{map?.Codec.ToString() ?? "codes of a map that is none of the codecs'"} with blocks of {blockSize}";
        bool isOurs = map?.Codec == state.Codec;
        bool isAllowed = Allow(state.IsQuantized || options.ConvertPrecision, what, found, state, AsCodes)
            & Allow(!state.IsQuantized || isOurs || options.ConvertCodec, what, found, state, AsCodesOf(map))
            & Allow(
                !state.IsQuantized || blockSize == state.BlockSize || options.ConvertBlockSize, what, found, state,
                ($"BlockSize = {blockSize}", nameof(LoadOptions.ConvertBlockSize)));
        if (!isAllowed)
        {
            return null;
        }

        float[] scales = CodedValues.ReadAbsmax(reader.Read(absmax));
        TensorReader codes = reader.Read(tensor);
        return isOurs && blockSize == state.BlockSize
            ? StateImage.Translated(state, parameter.State.Name, codes, scales, map!.FromFile)
            : StateImage.Encoded(
                state, parameter.State.Name, new CodedValues(codes, values, scales, blockSize, codec: null));
    }

    private int ReadStep(string parameter, IReadOnlyDictionary<string, SafetensorsTensor> tensors)
    {
        if (!tensors.TryGetValue(LayoutTensors.Step, out SafetensorsTensor? tensor))
        {
            return layout.Step ?? throw new CheckpointException(
                $"The file has no step of '{parameter}'; give it: layout with {{ {nameof(StateLayout.Step)} = ... }}.");
        }

        double step = ReadNumber(tensor);
        return step is >= 0 and <= int.MaxValue && step == Math.Truncate(step)
            ? (int)step
            : throw new CheckpointException(
                $"The step of '{parameter}' is {step} in the file; it is a whole number from 0 to {int.MaxValue}.");
    }

    private double ReadNumber(SafetensorsTensor tensor)
    {
        if (tensor.Count != 1)
        {
            throw new CheckpointException($"Tensor {tensor} should be one number.");
        }

        if (FloatValues.IsSupported(tensor.Type) && tensor.Type != SafetensorsType.F64)
        {
            float value = 0;
            new FloatValues(reader.Read(tensor)).Read(new Span<float>(ref value));
            return value;
        }

        Span<byte> bytes = stackalloc byte[sizeof(long)];
        reader.Read(tensor).Read(bytes[..tensor.Type.Size()]);
        return tensor.Type switch
        {
            SafetensorsType.F64 => BitConverter.ToDouble(bytes),
            SafetensorsType.I64 => BitConverter.ToInt64(bytes),
            SafetensorsType.I32 => BitConverter.ToInt32(bytes),
            SafetensorsType.U8 => bytes[0],
            _ => throw new CheckpointException($"Tensor {tensor} should be F32, F64, I32 or I64."),
        };
    }

    private float[] ReadMap(SafetensorsTensor tensor)
    {
        if (tensor.Count != BitsAndBytesMap.Length)
        {
            throw new CheckpointException($"Tensor {tensor} should have {BitsAndBytesMap.Length} values.");
        }

        float[] map = new float[BitsAndBytesMap.Length];
        reader.Read(tensor).Read(MemoryMarshal.AsBytes(map.AsSpan()));
        return Array.TrueForAll(map, float.IsFinite)
            ? map
            : throw new CheckpointException($"Tensor {tensor} has values that are not finite.");
    }

    private static int BlockSizeOf(SafetensorsTensor codes, SafetensorsTensor absmax)
    {
        int blockSize = Array.Find(
            BlockSizesOfBitsAndBytes, size => BlockSizes.Count(codes.Count, size) == absmax.Count);
        return blockSize > 0 ? blockSize : throw new CheckpointException($"Tensor {absmax} has {absmax.Count} scales "
            + $"for {codes}, which are not those of blocks of {string.Join(" or ", BlockSizesOfBitsAndBytes)}.");
    }

    /// <summary>What belongs to codes: <c>absmax1</c> and <c>qmap1</c> to <c>state1</c>.</summary>
    private string[] CompanionsOf(string name) => layout.IsBitsAndBytes ? [$"absmax{name[^1]}", $"qmap{name[^1]}"] : [];

    private static SafetensorsTensor Companion(
        IReadOnlyDictionary<string, SafetensorsTensor> all, string name, SafetensorsTensor codes,
        SafetensorsType type) =>
        all.TryGetValue(name, out SafetensorsTensor? tensor) && tensor.Type == type
            ? tensor
            : throw new CheckpointException(
                $"Tensor {codes} are codes, and the file has no '{name}' of {type} with them.");

    private static void RequireShape(CheckpointParameter parameter, SafetensorsTensor tensor)
    {
        if (parameter.Shape is null
            ? tensor.Count != parameter.State.Length
            : !parameter.Shape.SequenceEqual(tensor.Shape))
        {
            throw new CheckpointException($"Tensor {tensor} is for parameter '{parameter.State.Name}', which has shape "
                + $"[{string.Join(", ", parameter.Shape ?? [parameter.State.Length])}]; import it for the same model.");
        }
    }

    private static (string Cure, string Option) AsFloat32 =>
        ($"Codecs = {StateCodecs.Float32}", nameof(LoadOptions.ConvertPrecision));

    private static (string Cure, string Option) AsCodes =>
        ("quantized states, by MinQuantizedLength, KeepFloat32 and Codecs,", nameof(LoadOptions.ConvertPrecision));

    private static (string Cure, string Option) AsCodesOf(BitsAndBytesMap? map) => (
        map?.Codec switch
        {
            Codec.Dynamic or Codec.DynamicUnsigned => $"Codecs = {StateCodecs.Dynamic}",
            Codec.MiniFloat or Codec.MiniFloatUnsigned => $"Codecs = {StateCodecs.MiniFloat}",
            _ => $"Codecs = {StateCodecs.Float32} and {nameof(LoadOptions)}.{nameof(LoadOptions.ConvertPrecision)}",
        },
        nameof(LoadOptions.ConvertCodec));

    /// <summary>Notes what is not allowed, so that one message names every option.</summary>
    private bool Allow(
        bool isAllowed, string what, string found, QuantizedState state, (string Cure, string Option) needed)
    {
        if (!isAllowed)
        {
            _differences.Add(
                $"{what} is {found} in the file and {state.Codec} with blocks of {state.BlockSize} here", needed.Cure,
                needed.Option);
        }

        return isAllowed;
    }
}
