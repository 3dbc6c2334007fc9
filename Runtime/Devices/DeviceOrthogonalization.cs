using Requant.CompilerServices;
using Requant.Devices.Matrices;
using Requant.Numerics.Matrices;

namespace Requant.Devices;

/// <summary>Runs <see cref="NewtonSchulz"/> on a device: the same sums in the same order, so the same bits. One matrix
/// at a time.</summary>
internal sealed class DeviceOrthogonalization(IKernelDevice device) : IDisposable
{
    private readonly DeviceBuffer _scratch = new(device);
    private DeviceLauncher? _import;
    private DeviceLauncher? _copy;
    private DeviceLauncher? _transpose;
    private DeviceLauncher? _multiply;
    private DeviceLauncher? _multiplyLarge;

    /// <summary>Positions of what it keeps, and their names, for measurements.</summary>
    public IEnumerable<(string Name, long Position)> Memory =>
        _import is null ? [] : [("matrix scratch", _scratch.Position)];

    /// <summary>Whether there is memory for a tensor's matrices.</summary>
    public bool IsCapacityFor(ParameterState tensor) =>
        _import is not null && (_multiplyLarge is not null || !HasLargeProduct(tensor))
        && _scratch.Holds(Places.FloatsFor(tensor) * sizeof(float));

    /// <summary>Loads kernels and makes room for a tensor's matrices.</summary>
    public void Prepare(ParameterState tensor)
    {
        _import ??= device.LoadOwn(DeviceOwnKernel.ImportMatrix);
        _copy ??= device.LoadOwn(DeviceOwnKernel.CopyMatrix);
        _transpose ??= device.LoadOwn(DeviceOwnKernel.TransposeMatrix);
        _multiply ??= device.LoadOwn(DeviceOwnKernel.MultiplyMatrices);
        if (HasLargeProduct(tensor))
        {
            _multiplyLarge ??= device.LoadOwn(DeviceOwnKernel.MultiplyLargeMatrices);
        }

        _scratch.Reserve(Places.FloatsFor(tensor) * sizeof(float));
    }

    /// <summary>Orthogonalizes a matrix in place.</summary>
    /// <param name="tensor">The tensor of which it has the shape.</param>
    /// <param name="values">Position of float32[rows, columns].</param>
    /// <param name="steps">How often the polynomial is applied.</param>
    /// <param name="norm">Position of the matrix's Frobenius norm.</param>
    /// <param name="skip">Position of an int32 that is set to 1 if an element or the norm is not finite; 0 if that is
    /// of no account.</param>
    public void Run(ParameterState tensor, long values, int steps, long norm, long skip)
    {
        if (tensor.Length == 0)
        {
            return;
        }

        (int rows, int columns) = ((int)tensor.Rows, (int)tensor.Columns);
        bool isTall = rows > columns;
        Places places = Places.In(_scratch.Position, rows, columns);
        Import(values, isTall ? places.Tall : places.Wide, rows, columns, norm, skip);
        if (isTall)
        {
            Transpose(places.Tall, places.Wide, places.Longer, places.Shorter);
        }
        else
        {
            Transpose(places.Wide, places.Tall, places.Shorter, places.Longer);
        }

        for (int step = 0; step < steps; step++)
        {
            if (step > 0)
            {
                Transpose(places.Tall, places.Wide, places.Longer, places.Shorter);
            }

            Apply(places);
        }

        Export(places, values, rows, columns);
    }

    public void Dispose() => _scratch.Dispose();

    /// <summary>The next Y, as its transpose.</summary>
    private void Apply(in Places places)
    {
        Multiply(
            DeviceMatrixProduct.Gram, places.Tall, places.Tall, places.Gram, addend: 0, places.Shorter,
            places.Shorter, places.Longer);
        Multiply(
            DeviceMatrixProduct.Polynomial, places.Gram, places.Gram, places.Polynomial, places.Gram, places.Shorter,
            places.Shorter, places.Shorter);
        Multiply(
            DeviceMatrixProduct.Next, places.Polynomial, places.Wide, places.Tall, places.Wide, places.Shorter,
            places.Longer, places.Shorter);
    }

    private void Import(long values, long target, int rows, int columns, long norm, long skip) =>
        _import!(Groups(rows, device.GroupSize / DeviceGrid.WarpSize), new LaunchParameters
        {
            Table0 = values, Table1 = target, Table2 = norm, Table3 = skip, TensorCount = rows,
            UniformCount = columns,
        });

    private void Export(in Places places, long values, int rows, int columns)
    {
        if (rows > columns)
        {
            _copy!(Groups(rows, device.GroupSize / DeviceGrid.WarpSize), new LaunchParameters
            {
                Table0 = places.Tall, Table1 = values, TensorCount = rows, UniformCount = columns,
            });
        }
        else
        {
            Transpose(places.Tall, values, columns, rows, columns);
        }
    }

    private void Transpose(long source, long target, int rows, int columns, int? targetStride = null) =>
        _transpose!(
            Groups(rows, DeviceMatrixKernels.TransposedSide) * Groups(columns, DeviceMatrixKernels.TransposedSide),
            new LaunchParameters
            {
                Table0 = source, Table1 = target, TensorCount = rows, UniformCount = columns,
                Table2 = targetStride ?? DeviceMatrixKernels.Stride(rows),
            });

    private void Multiply(
        uint kind, long left, long right, long target, long addend, int rows, int columns, int depth)
    {
        bool isSymmetric = kind != DeviceMatrixProduct.Next;
        bool isLarge = DeviceMatrixProduct.IsLarge(isSymmetric, rows, columns);
        (isLarge ? _multiplyLarge : _multiply)!(
            DeviceMatrixTile.Count(
                isSymmetric, rows, columns, isLarge ? DeviceMatrixProduct.LargeSide : DeviceMatrixProduct.Side),
            new LaunchParameters
            {
                Table0 = left, Table1 = right, Table2 = target, Table3 = addend, TensorCount = rows,
                UniformCount = columns, BlockSize = depth, BlockCount = kind,
            });
    }

    /// <summary>Whether one of a tensor's products is: the next Y has at least as many tiles as others.</summary>
    private static bool HasLargeProduct(ParameterState tensor) => DeviceMatrixProduct.IsLarge(
        isSymmetric: false, (int)Math.Min(tensor.Rows, int.MaxValue), (int)Math.Min(tensor.Columns, int.MaxValue));

    private static long Groups(long count, long ofGroup) => (count + ofGroup - 1) / ofGroup;

    /// <summary>Where matrices are in scratch memory. A row begins <see cref="DeviceMatrixKernels.Stride"/> floats
    /// after the one before.</summary>
    private readonly record struct Places(
        int Shorter, int Longer, long Gram, long Polynomial, long Wide, long Tall)
    {
        /// <summary>Floats after a matrix, which products read and of which they use nothing; they keep vectors
        /// aligned.</summary>
        private const long Slack = 256;

        public static long FloatsFor(ParameterState tensor)
        {
            (int shorter, int longer) = Sides((int)tensor.Rows, (int)tensor.Columns);
            return (2 * Floats(shorter, shorter)) + Floats(shorter, longer) + Floats(longer, shorter);
        }

        public static Places In(long scratch, int rows, int columns)
        {
            (int shorter, int longer) = Sides(rows, columns);
            long square = Floats(shorter, shorter) * sizeof(float);
            long wide = Floats(shorter, longer) * sizeof(float);
            return new Places(
                shorter, longer, scratch, scratch + square, scratch + (2 * square), scratch + (2 * square) + wide);
        }

        private static (int Shorter, int Longer) Sides(int rows, int columns) =>
            (Math.Min(rows, columns), Math.Max(rows, columns));

        private static long Floats(int rows, int columns) =>
            ((long)rows * DeviceMatrixKernels.Stride(columns)) + Slack;
    }
}
