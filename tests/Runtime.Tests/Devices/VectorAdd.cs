using Requant.Devices.Driver;

namespace Requant.Runtime.Tests.Devices;

/// <summary>A handwritten kernel that adds a number of floats to others in place, one in each thread.</summary>
internal static unsafe class VectorAdd
{
    public const string Name = "add";

    public const string Ptx = """
        .version 7.8
        .target sm_70
        .address_size 64
        .visible .entry add(.param .u64 sum, .param .u64 addend, .param .u32 count)
        {
            .reg .pred %p<2>;
            .reg .b32 %r<6>;
            .reg .b64 %q<6>;
            .reg .f32 %f<4>;
            ld.param.u64 %q0, [sum];
            ld.param.u64 %q1, [addend];
            ld.param.u32 %r0, [count];
            mov.u32 %r1, %ctaid.x;
            mov.u32 %r2, %ntid.x;
            mov.u32 %r3, %tid.x;
            mad.lo.u32 %r4, %r1, %r2, %r3;
            setp.ge.u32 %p0, %r4, %r0;
            @%p0 bra Done;
            mad.wide.u32 %q2, %r4, 4, %q0;
            mad.wide.u32 %q3, %r4, 4, %q1;
            ld.global.f32 %f0, [%q2];
            ld.global.f32 %f1, [%q3];
            add.rn.f32 %f2, %f0, %f1;
            st.global.f32 [%q2], %f2;
        Done:
            ret;
        }
        """;

    private const int GroupSize = 32;

    public static void Launch(CudaContext context, ulong sum, ulong addend, int count, nint stream = 0)
    {
        CudaFunction function = context.LoadFunction(Ptx, Name);
        void** arguments = stackalloc void*[] { &sum, &addend, &count };
        context.Launch(function, (count + GroupSize - 1) / GroupSize, GroupSize, stream, arguments);
    }

    /// <summary>A buffer with these values.</summary>
    public static CudaBuffer Put(CudaContext context, params ReadOnlySpan<float> values)
    {
        CudaBuffer buffer = context.Allocate(values.Length * sizeof(float));
        context.CopyToDevice(buffer.Address, values);
        return buffer;
    }

    public static float[] Get(CudaContext context, CudaBuffer buffer)
    {
        var values = new float[buffer.Bytes / sizeof(float)];
        context.CopyToHost(values.AsSpan(), buffer.Address);
        return values;
    }
}
