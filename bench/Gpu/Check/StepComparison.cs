using System.Runtime.InteropServices;
using Requant.Bench.Gpu.Rules;
using Requant.Testing;

namespace Requant.Bench.Gpu.Check;

/// <summary>Compares what a step left on both sides, bit for bit. A NaN that arithmetic made is as good
/// as any other.</summary>
/// <param name="one">The case.</param>
/// <param name="model">Its tensors.</param>
/// <param name="step">The step that was taken last.</param>
internal sealed class StepComparison(RuleCase one, CheckModel model, int step)
{
    private const string Parameter = "parameter";

    /// <summary>Finds the first difference.</summary>
    /// <param name="host">The scalar kernels' side.</param>
    /// <param name="device">The other side.</param>
    /// <returns>Null where there is none.</returns>
    public DifferenceRow? FirstDifference(CheckSide host, CheckSide device) =>
        OfParameters(host.ReadParameters(), device.ReadParameters())
        ?? Enumerable.Range(0, model.Lengths.Count)
            .Select(tensor => OfStates(tensor, host.States[tensor], device.States[tensor]))
            .FirstOrDefault(found => found is not null)
        ?? OfValues<long>(-1, "skipped elements", ElementKind.Count, [host.LastSkipped], [device.LastSkipped])
        ?? OfValues<long>(
            -1, "bits of the gradients' norm, and skipped steps", ElementKind.Count, host.Measured, device.Measured);

    private DifferenceRow? OfParameters(byte[] expected, byte[] actual)
    {
        TensorImage image = model.Parameters(one.Types.Parameter);
        ElementKind kind = ElementBits.KindOf(one.Types.Parameter);
        for (int tensor = 0; tensor <= image.Count; tensor++)
        {
            if (OfValues<byte>(
                Math.Min(tensor, image.Count - 1),
                $"memory {(tensor == image.Count ? "behind" : "before")} the parameter",
                ElementKind.Code, image.Gap(expected, tensor), image.Gap(actual, tensor)) is DifferenceRow outside)
            {
                return outside;
            }

            if (tensor == image.Count)
            {
                break;
            }

            Span<byte> left = image.Tensor(expected, tensor);
            Span<byte> right = image.Tensor(actual, tensor);
            int element = ElementBits.FirstDifference(kind, left, right);
            element = element < 0 ? FirstTouched(tensor, kind, left, right) : element;
            if (element >= 0)
            {
                return Row(tensor, Parameter, kind, element, left, right);
            }
        }

        return null;
    }

    /// <summary>The first parameter that is another NaN although its gradient is not finite, so that it must keep its
    /// bits; or -1.</summary>
    private int FirstTouched(int tensor, ElementKind kind, ReadOnlySpan<byte> expected, ReadOnlySpan<byte> actual) =>
        expected.SequenceEqual(actual)
            ? -1
            : ElementBits.FirstChange(kind, expected, actual, model.Gradient(one.Types.Gradient, tensor, step));

    private DifferenceRow? OfStates(int tensor, ParameterState expected, ParameterState actual)
    {
        for (int i = 0; i < expected.States.Count; i++)
        {
            QuantizedState left = expected.States[i];
            QuantizedState right = actual.States[i];
            if ((left.IsAllocated, left.IsQuantized) != (right.IsAllocated, right.IsQuantized))
            {
                return new DifferenceRow(step, tensor, expected.Length, $"state {left.Name}", 0, $"{left}", $"{right}");
            }

            if (left.IsAllocated && (left.IsQuantized ? OfCodes(tensor, left, right) : OfValues(
                tensor, $"state {left.Name}", ElementKind.Float32, left.Values, right.Values)) is DifferenceRow found)
            {
                return found;
            }
        }

        return OfValues<float>(
            tensor, "tensor states", ElementKind.Float32, [.. expected.TensorStates], [.. actual.TensorStates]);
    }

    private DifferenceRow? OfCodes(int tensor, QuantizedState expected, QuantizedState actual) =>
        OfValues(tensor, $"absmax of state {expected.Name}", ElementKind.Float32, expected.Absmax, actual.Absmax)
        ?? OfValues(tensor, $"codes of state {expected.Name}", ElementKind.Code, expected.Codes, actual.Codes);

    private DifferenceRow? OfValues<T>(
        int tensor, string field, ElementKind kind, ReadOnlySpan<T> expected, ReadOnlySpan<T> actual)
        where T : unmanaged
    {
        ReadOnlySpan<byte> left = MemoryMarshal.AsBytes(expected);
        ReadOnlySpan<byte> right = MemoryMarshal.AsBytes(actual);
        int element = ElementBits.FirstDifference(kind, left, right);
        return element < 0 ? null : Row(tensor, field, kind, element, left, right);
    }

    private DifferenceRow Row(
        int tensor, string field, ElementKind kind, int element, ReadOnlySpan<byte> expected,
        ReadOnlySpan<byte> actual) =>
        new(
            step, tensor, tensor < 0 ? model.Elements : model.Lengths[tensor], field, element,
            ElementBits.Text(kind, expected, element),
            ElementBits.Text(kind, actual, element));
}
