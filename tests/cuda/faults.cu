// Kernels with planted faults: bounds, memory nothing wrote, barriers, collectives, copies under way. See planted.hpp.
#include "tests/cuda/planted.hpp"

#include "cuda/language.cuh"
#include "cuda/ptx.cuh"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::test {

namespace {

__global__ void shared_bounds_kernel(const int* in, int* out, bool planted) {
    FATHOM_SHARED(int, tile, 64);
    FATHOM_SHARED(int, other, 64);
    const int i = static_cast<int>(threadIdx.x);
    other[i] = 0;
    const int at = planted ? i + 1 : i;
    tile[at] = in[i];  // fault: shared_bounds
    __syncthreads();
    out[i] = tile[i] + other[i];
}

__global__ void dynamic_bounds_kernel(const int* in, int* out, bool planted) {
    FATHOM_DYNAMIC_SHARED(int, tile);
    const int i = static_cast<int>(threadIdx.x);
    tile[i] = in[i];
    __syncthreads();
    const int left = planted ? i - 1 : (i + 63) % 64;
    out[i] = tile[left];  // fault: dynamic_bounds
}

__global__ void global_write_bounds_kernel(int* out, bool planted) {
    const unsigned i = blockIdx.x * blockDim.x + threadIdx.x, n = planted ? 66 : 64;
    if (i < n) out[i] = 1;  // fault: global_write_bounds
}

__global__ void global_read_bounds_kernel(const int* in, int* out, bool planted) {
    const int i = static_cast<int>(threadIdx.x), next = planted ? i + 1 : i;
    const int right = in[next];  // fault: global_read_bounds
    out[i] = right;
}

__global__ void wide_bounds_kernel(const int* in, int* out, bool planted) {
    const unsigned i = threadIdx.x + (planted && threadIdx.x == 15 ? 1 : 0);
    const int4 four = reinterpret_cast<const int4*>(in)[i];  // fault: wide_bounds
    reinterpret_cast<int4*>(out)[threadIdx.x] = four;        // other: wide_bounds
}

__global__ void byte_bounds_kernel(unsigned char* bytes, bool planted) {
    const unsigned i = threadIdx.x, n = planted ? 31 : 30;
    if (i < n) bytes[i] = 1;  // fault: byte_bounds
}

__global__ void released_kernel(int* out, const int* released, const int* in, bool planted) {
    const int* from = planted ? released : in;
    out[threadIdx.x] = from[threadIdx.x];  // fault: released
}

__global__ void host_pointer_kernel(int* out, int* host, bool planted) {
    int* to = planted ? host : out;
    to[threadIdx.x] = 1;  // fault: host_pointer
}

__global__ void uninitialised_shared_kernel(const int* in, int* out, bool planted) {
    FATHOM_SHARED(int, tile, 64);
    const unsigned i = threadIdx.x;
    if (!planted || i != 5) tile[i] = in[i];
    __syncthreads();
    out[i] = tile[(i + 1) % 64];  // fault: uninitialised_shared
}

__global__ void uninitialised_global_kernel(int* out, bool planted) {
    const unsigned i = threadIdx.x;
    if (!planted) out[i] = 0;
    out[i] += 1;  // fault: uninitialised_global
}

__global__ void divergent_barrier_kernel(const int* in, int* out, bool planted) {
    FATHOM_SHARED(int, tile, 64);
    const unsigned i = threadIdx.x;
    tile[i] = in[i];
    if (planted && i < 32) {
        __syncthreads();  // other: divergent_barrier
    } else {
        __syncthreads();  // fault: divergent_barrier
    }
    out[i] = tile[63 - i];
}

__global__ void barrier_after_return_kernel(int* out, bool planted) {
    if (planted && threadIdx.x >= 60) return;
    __syncthreads();  // fault: barrier_after_return
    out[threadIdx.x] = 1;
}

__global__ void deadlock_kernel(int* out, bool planted) {
    if (planted && threadIdx.x == 3) __syncthreads();
    const int sum = __shfl_xor_sync(0xffffffffu, static_cast<int>(threadIdx.x), 1);  // fault: deadlock
    if (!planted || threadIdx.x != 3) __syncthreads();
    out[threadIdx.x] = sum;
}

__global__ void shuffle_lanes_kernel(int* out, bool planted) {
    const unsigned mask = threadIdx.x < 32 ? 0xffffffffu : 0xffffu;
    const int last = planted ? 20 : 15;
    out[threadIdx.x] = __shfl_sync(mask, 1, last);  // fault: shuffle_lanes
}

__global__ void cp_async_wait_kernel(const int* in, int* out, bool planted) {
    FATHOM_SHARED(int4, stage, 16);
    const unsigned i = threadIdx.x;
    cp_async_16(&stage[i], in + i * 4);  // other: cp_async_wait
    cp_async_commit();
    if (!planted) cp_async_wait<0>();
    __syncthreads();
    out[i] = stage[15 - i].x;  // fault: cp_async_wait
}

__global__ void cp_async_barrier_kernel(const int* in, int* out, bool planted) {
    FATHOM_SHARED(int4, stage, 16);
    const unsigned i = threadIdx.x;
    cp_async_16(&stage[i], in + i * 4);  // other: cp_async_barrier
    cp_async_commit();
    cp_async_wait<0>();
    if (!planted) __syncthreads();
    const unsigned left = i == 0 ? 0 : i - 1;
    out[i] = stage[left].x;  // fault: cp_async_barrier
}

#ifdef FATHOM_EMULATOR
// A frame larger than the guard at the stack's end.
__attribute__((noinline)) void large_frame(int* out, bool planted) {
    volatile int frame[17000];
    frame[threadIdx.x] = 1;
    if (planted) out[threadIdx.x] = frame[threadIdx.x];
}
#endif
__global__ void stack_size_kernel(int* out, bool planted) {
    out[threadIdx.x] = 0;
#ifdef FATHOM_EMULATOR
    if (planted) large_frame(out, planted);  // fault: stack_size
#endif
}

}  // namespace

std::vector<Planted> planted_faults() {
    using B = const Buffers&;
    return {
        {"shared_bounds", "(0,0,0)", "(63,0,0)",
         "out-of-bounds write of 4 bytes, 0 bytes behind the end of shared array tile of 256 bytes",
         [](B b, bool on) {
             return launch("planted", shared_bounds_kernel, {1, 64}, nullptr, b.in, b.out, on);
         }},
        {"dynamic_bounds", "(0,0,0)", "(0,0,0)",
         "out-of-bounds read of 4 bytes, 4 bytes before dynamic shared memory of 256 bytes",
         [](B b, bool on) {
             return launch("planted", dynamic_bounds_kernel, {1, 64, 256}, nullptr, b.in, b.out, on);
         }},
        {"global_write_bounds", "(4,0,0)", "", "out-of-bounds write of 4 bytes, ",
         [](B b, bool on) {
             return launch("planted", global_write_bounds_kernel, {5, 16}, nullptr, b.out, on);
         }},
        {"global_read_bounds", "(0,0,0)", "(63,0,0)",
         "out-of-bounds read of 4 bytes, 0 bytes behind the end of an allocation of 256 bytes (test)",
         [](B b, bool on) {
             return launch("planted", global_read_bounds_kernel, {1, 64}, nullptr, b.in, b.out, on);
         }},
        {"wide_bounds", "(0,0,0)", "(15,0,0)", "out-of-bounds read of ",
         [](B b, bool on) {
             return launch("planted", wide_bounds_kernel, {1, 16}, nullptr, b.in, b.out, on);
         }},
        {"byte_bounds", "(0,0,0)", "(30,0,0)",
         "out-of-bounds write of 1 bytes, 0 bytes behind the end of an allocation of 30 bytes",
         [](B b, bool on) {
             return launch("planted", byte_bounds_kernel, {1, 32}, nullptr, b.bytes, on);
         }},
        {"released", "(0,0,0)", "", "read of 4 bytes of device memory that was released",
         [](B b, bool on) {
             return launch("planted", released_kernel, {1, 64}, nullptr, b.out, b.released, b.in, on);
         }},
        {"host_pointer", "(0,0,0)", "", "out-of-bounds write of 4 bytes: not memory of the device",
         [](B b, bool on) {
             return launch("planted", host_pointer_kernel, {1, 64}, nullptr, b.out, b.host, on);
         }},
        {"uninitialised_shared", "(0,0,0)", "(4,0,0)",
         "uninitialised memory: read of 4 bytes, byte 20 of shared array tile",
         [](B b, bool on) {
             return launch("planted", uninitialised_shared_kernel, {1, 64}, nullptr, b.in, b.out, on);
         }},
        {"uninitialised_global", "(0,0,0)", "", "uninitialised memory: read of 4 bytes, byte ",
         [](B b, bool on) {
             return launch("planted", uninitialised_global_kernel, {1, 64}, nullptr, b.out, on);
         }},
        {"divergent_barrier", "(0,0,0)", "",
         "divergent barrier: __syncthreads here, but other threads of the block wait at line ",
         [](B b, bool on) {
             return launch("planted", divergent_barrier_kernel, {1, 64}, nullptr, b.in, b.out, on);
         }},
        {"barrier_after_return", "(0,0,0)", "", "divergent barrier",
         [](B b, bool on) {
             return launch("planted", barrier_after_return_kernel, {1, 64}, nullptr, b.out, on);
         }},
        {"deadlock", "(0,0,0)", "",
         "deadlock: the thread waits for lanes of its warp that wait elsewhere, thread (3,0,0) at __syncthreads",
         [](B b, bool on) {
             return launch("planted", deadlock_kernel, {1, 32}, nullptr, b.out, on);
         }},
        {"shuffle_lanes", "(0,0,0)", "", "a shuffle reads lane 20, which takes no part in it",
         [](B b, bool on) {
             return launch("planted", shuffle_lanes_kernel, {1, 48}, nullptr, b.out, on);
         }},
        {"cp_async_wait", "(0,0,0)", "", "missing cp.async wait: read of 4 bytes, byte ",
         [](B b, bool on) {
             return launch("planted", cp_async_wait_kernel, {1, 16}, nullptr, b.in, b.out, on);
         }},
        {"cp_async_barrier", "(0,0,0)", "", "",
         [](B b, bool on) {
             return launch("planted", cp_async_barrier_kernel, {1, 16}, nullptr, b.in, b.out, on);
         }},
        {"stack_size", "(0,0,0)", "", "stack overflow: a thread of the emulator has 64 KiB",
         [](B b, bool on) {
             return launch("planted", stack_size_kernel, {1, 64}, nullptr, b.out, on);
         }},
    };
}

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::test
