#include "bench/ceilings/ceilings.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "bench/support/machine.hpp"
#include "bench/support/timing.hpp"
#include "fathom/core/parallel_for.hpp"
#include "fathom/kernels/simd.hpp"

#define FATHOM_KERNEL "bench/ceilings/fma.kernel.hpp"
#include "fathom/kernels/foreach_isa.hpp"
#define FATHOM_KERNEL "bench/ceilings/bandwidth.kernel.hpp"
#include "fathom/kernels/foreach_isa.hpp"

namespace fathom::bench {

namespace {

// Runs f(thread) on `count` threads at once, and leaves the number of threads as it was.
template <class F>
void on_threads(int count, F&& f) {
    parallel_for(0, count, 1, [&](std::int64_t first, std::int64_t last) {
        for (; first < last; ++first) f(first);
    });
}

class ThreadCount {
public:
    explicit ThreadCount(int count) : before_(threads()) { set_threads(count); }
    ThreadCount(const ThreadCount&) = delete;
    ThreadCount& operator=(const ThreadCount&) = delete;
    ~ThreadCount() { set_threads(before_); }

private:
    int before_;
};

constexpr std::int64_t fma_rounds = 1 << 14;

// Memory that a figure is measured on, of all threads: 64-byte aligned, each thread's part written by it first.
struct Aligned {
    void operator()(float* p) const { ::operator delete (p, std::align_val_t{64}); }
};
using Buffer = std::unique_ptr<float, Aligned>;
Buffer make_buffer(std::int64_t elements) {
    return Buffer(
        static_cast<float*>(::operator new (static_cast<std::size_t>(elements) * sizeof(float), std::align_val_t{64})));
}

// A buffer is kept for the next figure: the pages of a gigabyte take a second to get.
float* buffer_of(std::int64_t elements) {
    static Buffer buffer;
    static std::int64_t size = 0;
    if (elements > size) {
        buffer.reset();
        buffer = make_buffer(elements), size = elements;
    }
    return buffer.get();
}

double change(double before, double after) { return std::abs(after / before - 1); }

}  // namespace

int vector_lanes() { return isa() == Isa::avx512 ? 16 : isa() == Isa::avx2 ? 8 : 4; }

int vector_registers() {
#ifdef __aarch64__
    return 32;
#else
    return isa() == Isa::avx512 ? 32 : 16;
#endif
}

Level level_of(double bytes, int threads) {
    for (const Level level : {Level::l1, Level::l2, Level::l3}) {
        const auto size = static_cast<double>(cache_bytes(static_cast<int>(level) + 1));
        if (bytes * (level == Level::l3 ? threads : 1) <= size) return level;
    }
    return Level::memory;
}

double Bandwidth::seconds(double bytes_read, double bytes_written) const {
    const double bytes = bytes_read + bytes_written;
    if (bytes == 0) return 0;
    const double written = bytes_written / bytes;
    const double per_byte = written < 0.5 ? (1 - 2 * written) / read + 2 * written / copy
                                          : (2 - 2 * written) / copy + (2 * written - 1) / write;
    return bytes * per_byte;
}

template <class T>
double measure_fma(int threads, double seconds) {
    const ThreadCount use(threads);
    std::vector<T> sink(static_cast<std::size_t>(threads) * 16);  // a cache line apart
    std::vector<double> flops(static_cast<std::size_t>(threads));
    const Timing time = measure(seconds, [&] {
        on_threads(threads, [&](std::int64_t thread) {
            using namespace kernels;
            flops[static_cast<std::size_t>(thread)] =
                FATHOM_DISPATCH(ceiling::fma_independent<T>(fma_rounds, sink.data() + thread * 16));
        });
    });
    return flops[0] * threads / time.best;
}

template <class T>
double measure_fma_chain(double seconds) {
    const std::vector<T> operands(1 + 8 * 16, T(1e-3));
    T sink{};
    double flops = 0;
    const Timing time = measure(seconds, [&] {
        using namespace kernels;
        flops = FATHOM_DISPATCH(ceiling::vector_chain<T>(fma_rounds, operands.data(), &sink));
    });
    return flops / time.best;
}

double measure_scalar_chain(double seconds) {
    const std::vector<float> operands(9, 1e-3f);
    float sink = 0;
    double flops = 0;
    const Timing time = measure(seconds, [&] {
        using namespace kernels;
        flops = FATHOM_DISPATCH(ceiling::scalar_chain(fma_rounds, operands.data(), &sink));
    });
    return flops / time.best;
}

template double measure_fma<float>(int, double);
template double measure_fma<double>(int, double);
template double measure_fma_chain<float>(double);
template double measure_fma_chain<double>(double);

std::int64_t bandwidth_bytes(Level level, int threads) {
    const std::int64_t l1 = cache_bytes(1), l2 = std::max(cache_bytes(2), 2 * l1), l3 = cache_bytes(3);
    std::int64_t bytes = 0;
    if (level == Level::l1) bytes = l1 / 2;
    if (level == Level::l2) bytes = l2 / 2;
    // Well beyond the second cache, well inside the third, which a virtual machine shares with others.
    if (level == Level::l3) bytes = std::min(4 * l2, l3 / 2 / threads);
    if (level == Level::memory) bytes = std::min(std::max(2 * l3, 64 * l2), memory_bytes() / 8) / threads;
    // An odd number of pages: where both halves of a copy began at the same place in a page, loads would wait for
    // stores.
    return std::max<std::int64_t>(1, bytes / 8192) * 8192 - 4096;
}

Bandwidth measure_bandwidth(Level level, int threads, double seconds) {
    const ThreadCount use(threads);
    const std::int64_t bytes = bandwidth_bytes(level, threads), elements = bytes / 4;
    const auto total = static_cast<double>(bytes * threads);
    float* const memory = buffer_of(elements * threads);
    std::vector<float> sink(static_cast<std::size_t>(threads) * 16);
    // Enough passes that starting the threads does not count.
    const std::int64_t passes = std::max<std::int64_t>(1, (std::int64_t{4} << 20) / bytes);
    const auto rate = [&](auto pass) {
        const Timing time = measure(seconds, [&] {
            on_threads(threads, [&](std::int64_t thread) {
                for (std::int64_t i = 0; i < passes; ++i) pass(memory + thread * elements, thread);
            });
        });
        return total * static_cast<double>(passes) / time.best;
    };
    using namespace kernels;
    Bandwidth result;
    result.write = rate([&](float* p, std::int64_t) { FATHOM_DISPATCH(ceiling::write_pass<float>(p, elements, 1)); });
    result.read = rate([&](const float* p, std::int64_t thread) {
        sink[static_cast<std::size_t>(thread) * 16] = FATHOM_DISPATCH(ceiling::read_pass<float>(p, elements));
    });
    result.copy = rate(
        [&](float* p, std::int64_t) { FATHOM_DISPATCH(ceiling::copy_pass<float>(p, p + elements / 2, elements / 2)); });
    return result;
}

double Ceilings::fma(int threads) {
    double& value = fma_[threads];
    if (value == 0) value = measure_fma<float>(threads, seconds_);
    return value;
}

double Ceilings::chain() {
    if (chain_ == 0) chain_ = measure_fma_chain<float>(seconds_) / 2 / vector_lanes();
    return chain_;
}

double Ceilings::scalar_chain() {
    if (scalar_chain_ == 0) scalar_chain_ = measure_scalar_chain(seconds_) / 2;
    return scalar_chain_;
}

const Bandwidth& Ceilings::bandwidth(Level level, int threads) {
    Bandwidth& value = bandwidth_[{level, threads}];
    if (value.read == 0) value = measure_bandwidth(level, threads, seconds_);
    return value;
}

double Ceilings::measure_again(std::string& what) {
    double largest = 0;
    const auto update = [&](double& value, double again, const std::string& name) {
        if (change(value, again) > largest) largest = change(value, again), what = name;
        value = std::max(value, again);
    };
    const auto on = [](int threads) {
        return threads == 1 ? std::string() : ", " + std::to_string(threads) + " threads";
    };
    for (auto& [threads, value] : fma_)
        update(value, measure_fma<float>(threads, seconds_), "multiply-adds" + on(threads));
    if (chain_ != 0) update(chain_, measure_fma_chain<float>(seconds_) / 2 / vector_lanes(), "chained multiply-adds");
    if (scalar_chain_ != 0)
        update(scalar_chain_, measure_scalar_chain(seconds_) / 2, "chained multiply-adds of single numbers");
    for (auto& [key, value] : bandwidth_) {
        const Bandwidth again = measure_bandwidth(key.first, key.second, seconds_);
        const std::string name = std::string(name_of(key.first)) + on(key.second);
        update(value.read, again.read, "reading " + name);
        update(value.write, again.write, "writing " + name);
        update(value.copy, again.copy, "copying in " + name);
    }
    return largest;
}

}  // namespace fathom::bench
