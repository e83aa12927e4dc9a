// What the GPU can do at most, measured: bytes copied, bf16 products on the matrix units through mma.sync, fp32
// products on the ordinary ones, launches. Every percentage of a kernel divides by one of these. CUDA alone, no
// library.
//
//   ceilings [--json FILE]     one line per ceiling; the same, appended to FILE as lines of JSON
#include <cuda_runtime.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "report.hpp"

namespace {

void must(cudaError_t code, const char* what) {
    if (code == cudaSuccess) return;
    std::fprintf(stderr, "error: ceilings: %s: %s\n", what, cudaGetErrorString(code));
    std::exit(1);
}

// ---------------------------------------------------------------------------------------------------------------------
// Memory: every thread moves 4 times 16 bytes, all loads before the first store.

constexpr int copies = 4, copy_threads = 256;

__global__ void copy_kernel(const float4* __restrict__ from,  // [blocks][copies][threads]
                            float4* __restrict__ to) {        // the same
    const std::size_t first = static_cast<std::size_t>(blockIdx.x) * copies * copy_threads + threadIdx.x;
    float4 values[copies];
#pragma unroll
    for (int i = 0; i < copies; ++i) values[i] = from[first + static_cast<std::size_t>(i) * copy_threads];
#pragma unroll
    for (int i = 0; i < copies; ++i) to[first + static_cast<std::size_t>(i) * copy_threads] = values[i];
}

// ---------------------------------------------------------------------------------------------------------------------
// Arithmetic: chains of products in registers. The operands are numbers that the compiler cannot know, and the result
// is stored under a condition that it cannot refute.

constexpr int rounds = 2048, chains = 8;

// A warp multiplies 16x16 by 16x8 `chains` times a round, each into sums of its own.
__global__ void mma_kernel(const std::uint32_t* __restrict__ fragments,  // [6][32 lanes], pairs of bf16
                           float* __restrict__ out, float never) {       // [blocks * threads]
    const unsigned lane = threadIdx.x % 32;
    std::uint32_t a[4], b[2];
    float sums[chains][4] = {};
    for (unsigned i = 0; i < 4; ++i) a[i] = fragments[i * 32 + lane];
    for (unsigned i = 0; i < 2; ++i) b[i] = fragments[(4 + i) * 32 + lane];
    for (int round = 0; round < rounds; ++round)
#pragma unroll
        for (int c = 0; c < chains; ++c)
            asm volatile(
                "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
                "{%0, %1, %2, %3};"
                : "+f"(sums[c][0]), "+f"(sums[c][1]), "+f"(sums[c][2]), "+f"(sums[c][3])
                : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
    float total = 0;
    for (int c = 0; c < chains; ++c)
        for (int i = 0; i < 4; ++i) total += sums[c][i];
    if (total == never) out[blockIdx.x * blockDim.x + threadIdx.x] = total;
}

constexpr int fma_chains = 16;

__global__ void fma_kernel(const float* __restrict__ factors,       // [2]
                           float* __restrict__ out, float never) {  // [blocks * threads]
    const float factor = factors[0], term = factors[1];
    float sums[fma_chains];
    for (int c = 0; c < fma_chains; ++c) sums[c] = static_cast<float>(threadIdx.x + static_cast<unsigned>(c));
    for (int round = 0; round < rounds; ++round)
#pragma unroll
        for (int c = 0; c < fma_chains; ++c) sums[c] = fmaf(sums[c], factor, term);
    float total = 0;
    for (int c = 0; c < fma_chains; ++c) total += sums[c];
    if (total == never) out[blockIdx.x * blockDim.x + threadIdx.x] = total;
}

__global__ void nothing_kernel() {}

// ---------------------------------------------------------------------------------------------------------------------

// Milliseconds of one call of f, the median of 20 after 3 that are not counted.
template <class F>
double median_ms(F f) {
    cudaEvent_t begin, end;
    must(cudaEventCreate(&begin), "an event"), must(cudaEventCreate(&end), "an event");
    std::vector<double> times;
    for (int i = 0; i < 23; ++i) {
        float ms = 0;
        must(cudaEventRecord(begin), "an event");
        f();
        must(cudaGetLastError(), "a launch");
        must(cudaEventRecord(end), "an event");
        must(cudaEventSynchronize(end), "a kernel");
        must(cudaEventElapsedTime(&ms, begin, end), "an event");
        if (i >= 3) times.push_back(static_cast<double>(ms));
    }
    must(cudaEventDestroy(begin), "an event"), must(cudaEventDestroy(end), "an event");
    return bench::median(times);
}

template <class T>
T* on_device(const std::vector<T>& values) {
    T* memory = nullptr;
    must(cudaMalloc(&memory, values.size() * sizeof(T)), "memory");
    must(cudaMemcpy(memory, values.data(), values.size() * sizeof(T), cudaMemcpyHostToDevice), "a copy");
    return memory;
}

void measure_memory(bench::Report& report) {
    constexpr std::size_t bytes = std::size_t{1} << 30;  // many times the L2 cache
    constexpr unsigned blocks = bytes / sizeof(float4) / (copies * copy_threads);
    float4 *from = nullptr, *to = nullptr;
    must(cudaMalloc(&from, bytes), "memory"), must(cudaMalloc(&to, bytes), "memory");
    must(cudaMemset(from, 0x3d, bytes), "memory");
    const double kernel = median_ms([&] { copy_kernel<<<blocks, copy_threads>>>(from, to); });
    const double runtime =
        median_ms([&] { must(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToDevice), "a copy"); });
    report.add("copy by a kernel", {{"ms", kernel}, {"GB/s", 2e-6 * bytes / kernel}});
    report.add("copy by cudaMemcpy", {{"ms", runtime}, {"GB/s", 2e-6 * bytes / runtime}});
    must(cudaFree(from), "memory"), must(cudaFree(to), "memory");
}

void measure_arithmetic(bench::Report& report, unsigned multiprocessors) {
    std::vector<std::uint32_t> fragments;
    for (std::uint32_t i = 0; i < 6 * 32; ++i)  // 16 signs, exponents and mantissas each of about 1
        fragments.push_back((0x3f80u | i * 37 % 128 | i % 2 << 15) | (0x3f00u | i * 53 % 128) << 16);
    std::uint32_t* operands = on_device(fragments);
    float* factors = on_device<float>({0.999f, 0.001f});
    float* out = on_device(std::vector<float>(std::size_t{multiprocessors} * 2048));
    for (const unsigned warps : {4u, 8u, 16u, 32u}) {
        const double ms = median_ms([&] { mma_kernel<<<multiprocessors, warps * 32>>>(operands, out, -1.25f); });
        const double flop = 2.0 * 16 * 8 * 16 * chains * rounds * warps * multiprocessors;
        report.add("mma.sync m16n8k16 bf16, " + std::to_string(warps) + " warps per multiprocessor",
                   {{"ms", ms}, {"TFLOP/s", flop / ms * 1e-9}});
    }
    const double ms = median_ms([&] { fma_kernel<<<multiprocessors * 2, 1024>>>(factors, out, -1.25f); });
    const double flop = 2.0 * fma_chains * rounds * 2048 * multiprocessors;
    report.add("fp32 multiply-add", {{"ms", ms}, {"TFLOP/s", flop / ms * 1e-9}});
    must(cudaFree(operands), "memory"), must(cudaFree(factors), "memory"), must(cudaFree(out), "memory");
}

void measure_launches(bench::Report& report) {
    constexpr int launches = 1000;
    const double ms = median_ms([] {
        for (int i = 0; i < launches; ++i) nothing_kernel<<<1, 32>>>();
    });
    report.add("launch of an empty kernel", {{"us", ms * 1e3 / launches}});
}

}  // namespace

int main(int argc, char** argv) {
    const bench::Options options = bench::parse("ceilings", argc, argv, "--json");
    int driver = 0, devices = 0;
    must(cudaDriverGetVersion(&driver), "the driver's version");
    if (driver == 0) {
        std::fprintf(stderr, "error: ceilings: no NVIDIA driver is installed\n");
        return 1;
    }
    must(cudaGetDeviceCount(&devices), "looking for a device");
    cudaDeviceProp device{};
    must(cudaGetDeviceProperties(&device, 0), "the device's properties");
    bench::Report report("ceilings", device.name, options.json_file);
    measure_memory(report);
    measure_arithmetic(report, static_cast<unsigned>(device.multiProcessorCount));
    measure_launches(report);
    return 0;
}
