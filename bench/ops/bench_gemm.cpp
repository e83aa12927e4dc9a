// Matrix products beside Eigen's, which is compiled for the machine it is built on (eigen_gemm.cpp): square ones, and
// those of the nets' 1x1 convolutions (m = pixels of a 480x640 image).
#include <vector>

#include "bench/ops/ceiling.hpp"
#include "bench/ops/eigen_gemm.hpp"
#include "fathom/kernels/gemm.hpp"

namespace {

void run(benchmark::State& state, bool eigen) {
    const std::int64_t m = state.range(0), n = state.range(1), k = state.range(2);
    const int threads = static_cast<int>(state.range(3));
    fathom::set_threads(threads);
    const auto count = [](std::int64_t rows, std::int64_t cols) { return static_cast<std::size_t>(rows * cols); };
    const std::vector<float> a(count(m, k), 0.5f), b(count(k, n), 0.25f);
    std::vector<float> c(count(m, n));
    for (auto _ : state) {
        if (eigen)
            eigen_gemm(a.data(), b.data(), c.data(), m, n, k, threads);
        else
            fathom::kernels::gemm<float>(a.data(), b.data(), nullptr, c.data(),
                                         {1, m, n, k, {k, 1, 0}, {n, 1, 0}, {n, 1, 0}, {}});
        benchmark::ClobberMemory();
    }
    fathom::bench::report(state, 2.0 * static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(k));
}

void shapes(benchmark::internal::Benchmark* b) {
    b->ArgNames({"m", "n", "k", "threads"})->UseRealTime()->Unit(benchmark::kMicrosecond);
    for (std::int64_t threads : {1, 2}) {
        for (std::int64_t size : {64, 128, 256, 512, 1024}) b->Args({size, size, size, threads});
        for (auto [k, n] : {std::pair<std::int64_t, std::int64_t>{48, 32}, {16, 32}, {96, 48}, {32, 48}})
            b->Args({480 * 640, n, k, threads});
    }
}

void gemm(benchmark::State& state) { run(state, false); }
void gemm_eigen(benchmark::State& state) { run(state, true); }
BENCHMARK(gemm)->Apply(shapes);
BENCHMARK(gemm_eigen)->Apply(shapes);

}  // namespace
