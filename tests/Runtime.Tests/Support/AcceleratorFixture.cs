using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;

[assembly: AssemblyFixture(typeof(Requant.Runtime.Tests.Support.AcceleratorFixture))]

namespace Requant.Runtime.Tests.Support;

/// <summary>ILGPU's CPU accelerator with warps of 32 lanes. Microseconds per element: a few thousand at most.</summary>
public sealed class AcceleratorFixture : IDisposable
{
    private readonly Context _context = Context.Create(builder => builder.CPU(new CPUDevice(32, 1, 1)));

    public AcceleratorFixture() => Accelerator = _context.CreateCPUAccelerator(0);

    public Accelerator Accelerator { get; }

    public void Dispose()
    {
        Accelerator.Dispose();
        _context.Dispose();
    }
}
