// Compares the sequences of Runtime/Ilgpu/Ptx/PtxBranchlessMath.cs with the device's own rounded instructions.
// nvcc -O3 -arch=sm_90 arithmetic.cu -o arithmetic && ./arithmetic
// All numbers but the count of approximations that are not the nearest must be 0.
#include <cstdint>
#include <cstdio>

__device__ unsigned long long differences[6];

__device__ float root(float x)
{
    float y;
    asm("rsqrt.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
    float s = __fmul_rn(x, y), h = __fmul_rn(y, 0.5f);
    return __fmaf_rn(__fmaf_rn(-s, s, x), h, s);
}

__device__ float reciprocal(float b)
{
    float y;
    asm("rcp.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(b));
    return __fmaf_rn(y, __fmaf_rn(-b, y, 1.0f), y);
}

__device__ float quotient(float a, float b)
{
    float y = reciprocal(b), q = __fmul_rn(a, y);
    return __fmaf_rn(__fmaf_rn(-b, q, a), y, q);
}

__device__ uint64_t thread() { return blockIdx.x * (uint64_t)blockDim.x + threadIdx.x; }

__device__ uint64_t threads() { return (uint64_t)gridDim.x * blockDim.x; }

// Every float from 2^-100 on.
__global__ void roots()
{
    const uint32_t first = 27u << 23;
    for (uint64_t i = thread(); i < 0x7f800000u - first; i += threads())
    {
        float x = __uint_as_float(first + (uint32_t)i);
        if (root(x) != __fsqrt_rn(x)) atomicAdd(&differences[0], 1);
    }
}

// Every float of a binade.
__global__ void reciprocals(int exponent)
{
    for (uint64_t i = thread(); i < (1u << 23); i += threads())
    {
        float b = __uint_as_float(((uint32_t)(exponent + 127) << 23) + (uint32_t)i);
        float y;
        asm("rcp.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(b));
        float nearest = __frcp_rn(b);
        int distance = abs((int)(__float_as_uint(y) - __float_as_uint(nearest)));
        if (distance > 0) atomicAdd(&differences[1], 1);
        if (distance > 1) atomicAdd(&differences[2], 1);
        if (reciprocal(b) != nearest) atomicAdd(&differences[3], 1);
    }
}

// 2^33 pairs, all over both ranges.
__global__ void quotients()
{
    for (uint64_t i = thread(); i < (1ull << 33); i += threads())
    {
        uint64_t z = (i + (1ull << 40)) * 0x9E3779B97F4A7C15ull;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
        z ^= z >> 31;
        uint32_t ea = 26 + (uint32_t)((z >> 46) % 167), eb = 67 + (uint32_t)((z >> 54) % 84);
        float a = __uint_as_float((ea << 23) | (z & 0x7fffff) | ((uint32_t)(z >> 45 & 1) << 31));
        float b = __uint_as_float((eb << 23) | ((z >> 23) & 0x7fffff));
        if (__float_as_uint(quotient(a, b)) != __float_as_uint(__fdiv_rn(a, b))) atomicAdd(&differences[4], 1);
    }
}

// Every significand over the 128 largest and smallest ones.
__global__ void ends()
{
    for (uint64_t i = thread(); i < (1ull << 31); i += threads())
    {
        float a = __uint_as_float(0x3f800000u + (uint32_t)(i & 0x7fffff));
        uint32_t j = i >> 23;
        float b = __uint_as_float(j < 128 ? 0x40000000u - 1 - j : 0x3f800000u + (j - 128));
        if (quotient(a, b) != __fdiv_rn(a, b)) atomicAdd(&differences[5], 1);
    }
}

int main()
{
    roots<<<1320, 256>>>();
    for (int exponent = -125; exponent < 125; exponent++) reciprocals<<<1320, 256>>>(exponent);
    quotients<<<1320, 256>>>();
    ends<<<1320, 256>>>();
    cudaError_t error = cudaDeviceSynchronize();
    unsigned long long d[6];
    cudaMemcpyFromSymbol(d, differences, sizeof d);
    printf("%s: roots %llu; approximate reciprocals not the nearest %llu, off by more than 1 ulp %llu, corrected %llu; quotients %llu and %llu\n",
        cudaGetErrorString(error), d[0], d[1], d[2], d[3], d[4], d[5]);
    return error != cudaSuccess || d[0] + d[2] + d[3] + d[4] + d[5] != 0;
}
