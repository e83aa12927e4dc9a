// Thread-steps per second of the emulator: n threads from one barrier, or shuffle, to the next are n thread-steps.
// Built twice, over the plain and the checked emulator (bench_emulator, bench_emulator_checked). One core.
#include <benchmark/benchmark.h>

#include <cstdlib>

#include "bench/emulator/kernels.hpp"
#include "cuda/runtime.hpp"
#include "fathom/core/parallel_for.hpp"

namespace {

namespace device = fathom::FATHOM_CUDA_NAMESPACE;

const int one_thread = [] {
    fathom::set_threads(1);
    return 0;
}();

class DeviceMemory {
public:
    explicit DeviceMemory(int n) {
        const auto bytes = static_cast<std::size_t>(n) * 4;
        if (!device::allocate(&memory_, bytes, "bench").ok() || !device::fill(memory_, 0, bytes, nullptr, "bench").ok())
            std::abort();
    }
    DeviceMemory(const DeviceMemory&) = delete;
    DeviceMemory& operator=(const DeviceMemory&) = delete;
    ~DeviceMemory() { static_cast<void>(device::release(memory_)); }
    float* floats() { return static_cast<float*>(memory_); }
    int* ints() { return static_cast<int*>(memory_); }

private:
    void* memory_ = nullptr;
};

void check(benchmark::State& state, device::Result result) {
    if (!result.ok() || !device::synchronize(device::Stream{}).ok()) state.SkipWithError(device::error_text());
}

void report(benchmark::State& state, double steps_per_iteration) {
    state.SetLabel(device::checked ? "checked" : "plain");
    state.counters["steps/s"] = benchmark::Counter(steps_per_iteration, benchmark::Counter::kIsIterationInvariantRate);
}

void barrier(benchmark::State& state) {
    const int block = static_cast<int>(state.range(0));
    for (auto _ : state) check(state, device::bench::barriers(4, block, 100));
    report(state, 4.0 * block * 100);
}

void shuffle(benchmark::State& state) {
    const int block = static_cast<int>(state.range(0));
    DeviceMemory out(4 * block);
    for (auto _ : state) check(state, device::bench::shuffles(out.ints(), 4, block, 100));
    report(state, 4.0 * block * 100);
}

void product(benchmark::State& state) {
    const int size = 128;
    DeviceMemory a(size * size), b(size * size), c(size * size);
    for (auto _ : state) check(state, device::bench::products(a.floats(), b.floats(), c.floats(), size));
    report(state, 1.0 * size * size * (size / 16 * 2));
}

void axpy(benchmark::State& state) {
    const int n = 1 << 16;
    DeviceMemory x(n), y(n);
    for (auto _ : state) check(state, device::bench::axpy(x.floats(), y.floats(), n));
    report(state, n);
}

BENCHMARK(barrier)->Arg(64)->Arg(256)->Arg(1024);
BENCHMARK(shuffle)->Arg(64)->Arg(256)->Arg(1024);
BENCHMARK(product);
BENCHMARK(axpy);

}  // namespace
