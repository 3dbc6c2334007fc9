using Requant.Torch;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Requant.Bench.Cpu;

/// <summary>The parameters and gradients of one element type that every contestant works on,
/// whatever the shape.</summary>
internal sealed class SharedMemory : IDisposable
{
    /// <summary>Tensors begin at cache lines, as libtorch allocates them.</summary>
    private const int AlignmentElements = 32;

    private readonly Tensor _parameters;
    private readonly Tensor _gradients;

    public SharedMemory(ElementType type, IEnumerable<ModelShape> shapes)
    {
        Type = type;
        Scalar = type switch
        {
            ElementType.Float16 => ScalarType.Float16,
            ElementType.BFloat16 => ScalarType.BFloat16,
            _ => ScalarType.Float32,
        };
        long elements = shapes.Max(shape => shape.Tensors * Stride(shape));
        random.manual_seed(1);
        _parameters = randn(elements).to(Scalar);
        _gradients = randn(elements).mul_(0.01f).to(Scalar);
    }

    public ElementType Type { get; }

    public ScalarType Scalar { get; }

    public int ElementBytes => Type == ElementType.Float32 ? sizeof(float) : sizeof(ushort);

    public nint ParameterPointer => TensorPointer.Of(_parameters);

    public nint GradientPointer => TensorPointer.Of(_gradients);

    /// <summary>Elements from the start of one tensor to that of the next.</summary>
    public static long Stride(ModelShape shape) =>
        (shape.Elements + AlignmentElements - 1L) / AlignmentElements * AlignmentElements;

    /// <summary>The tensors of a shape, each with its gradient.</summary>
    public Parameter[] Parameters(ModelShape shape) =>
    [
        .. Enumerable.Range(0, shape.Tensors)
            .Select(tensor => new Parameter(_parameters.narrow(0, tensor * Stride(shape), shape.Elements))
            {
                grad = _gradients.narrow(0, tensor * Stride(shape), shape.Elements),
            }),
    ];

    public void Dispose()
    {
        _parameters.Dispose();
        _gradients.Dispose();
    }
}
