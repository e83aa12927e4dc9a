// Lesson 9: a kernel by hand, and what separates it from the library's. The product of two matrices is three loops;
// that a good one is a hundred times as fast as the first that comes to mind is a matter of where numbers lie and what
// the processor does meanwhile. The arithmetic is the same in all of them.
#include <fathom/fathom.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "lesson.hpp"

namespace ft = fathom;

constexpr std::int64_t n = 384;  // all matrices are [n, n], row-major: element (i, j) lies at i n + j

// 1. As it stands in the book: c(i, j) = sum over k of a(i, k) b(k, j). The innermost loop walks down a column of b:
// every step lands in another line of the cache, of which it uses 4 bytes of 64.
void by_the_book(const float* a, const float* b, float* c) {
    for (std::int64_t i = 0; i < n; ++i)
        for (std::int64_t j = 0; j < n; ++j) {
            float sum = 0;
            for (std::int64_t k = 0; k < n; ++k) sum += a[i * n + k] * b[k * n + j];
            c[i * n + j] = sum;
        }
}

// 2. The same with two loops exchanged: a row of c is a sum of rows of b. Everything is read in the order in which it
// lies, and the compiler can do several j at once with one instruction, since no sum depends on the one before.
void by_rows(const float* a, const float* b, float* c) {
    std::fill(c, c + n * n, 0.0f);
    for (std::int64_t i = 0; i < n; ++i)
        for (std::int64_t k = 0; k < n; ++k)
            for (std::int64_t j = 0; j < n; ++j) c[i * n + j] += a[i * n + k] * b[k * n + j];
}

// 3. In tiles. By rows, each product costs a load of b and a load and a store of c: memory is busy, arithmetic idle. A
// tile of 4 x 8 sums stays in registers for all k: 12 loads for 32 products. n is a multiple of both here; a library
// has the rest to care for.
void in_tiles(const float* a, const float* b, float* c, std::int64_t first_row, std::int64_t last_row) {
    constexpr int rows = 4, columns = 8;
    for (std::int64_t i = first_row; i < last_row; i += rows)
        for (std::int64_t j = 0; j < n; j += columns) {
            float sums[rows][columns] = {};
            for (std::int64_t k = 0; k < n; ++k)
                for (int r = 0; r < rows; ++r)
                    for (int s = 0; s < columns; ++s) sums[r][s] += a[(i + r) * n + k] * b[k * n + j + s];
            for (int r = 0; r < rows; ++r) std::copy_n(sums[r], columns, c + (i + r) * n + j);
        }
}

// 4. On all threads. Rows of c have nothing to do with each other. The pieces depend on n alone, not on how many
// threads there are: so does every sum, and the result is the same bit for bit on any machine.
void in_parallel(const float* a, const float* b, float* c) {
    ft::parallel_for(0, n, 48, [&](std::int64_t first, std::int64_t last) { in_tiles(a, b, c, first, last); });
}

// The best of several runs: others use the machine too, and can only make it slower.
template <class F>
double seconds(F&& f, int runs = 3) {
    double best = 1e9;
    for (int run = 0; run < runs; ++run) {
        const auto begin = std::chrono::steady_clock::now();
        f();
        best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    }
    return best;
}

int main() {
    ft::Generator gen(9);
    const auto a = ft::randn<float>({n, n}, gen), b = ft::randn<float>({n, n}, gen);
    auto c = ft::zeros<float>({n, n});
    const float *pa = a.data(), *pb = b.data();  // a tensor's numbers as plain memory: for code like this
    float* pc = c.mutable_data();

    ft::Tensor<float> product;
    const double of_library = seconds([&] { product = ft::matmul(a, b); }, 10);
    std::printf("%dx%d, %d threads\n", static_cast<int>(n), static_cast<int>(n), ft::threads());
    std::printf("%-12s %8s %10s %12s\n", "", "ms", "GFLOP/s", "of library's");
    const auto line = [&](const char* name, double time) {
        std::printf("%-12s %8.2f %10.1f %11.1fx\n", name, 1e3 * time, 2e-9 * n * n * n / time, time / of_library);
    };
    bool all_right = true;
    const auto measure = [&](const char* name, auto&& f) {
        const double time = seconds(f);
        line(name, time);
        // Sums in another order round otherwise: equal up to a few of the last of 24 bits, never exactly.
        all_right = all_right && ft::abs(c - product).max().item() < 1e-3f;
        return time;
    };
    const double slow = measure("by the book", [&] { by_the_book(pa, pb, pc); });
    measure("by rows", [&] { by_rows(pa, pb, pc); });
    measure("in tiles", [&] { in_tiles(pa, pb, pc, 0, n); });
    measure("in parallel", [&] { in_parallel(pa, pb, pc); });
    line("library", of_library);
    std::cout << std::flush;

    expect(all_right, "all of them compute the same product");
    expect(slow > 4 * of_library, "the library is several times as fast as the book");
    // What is left: vectors as wide as this machine has them (the compiler was told of none), larger tiles for them,
    // and copies of parts of a and b in the order in which they are needed, sized for the caches. In that order:
    // kernels/simd.kernel.hpp, kernels/gemm.kernel.hpp, kernels/gemm.inl.hpp.
    // More such stairs, for ten kernels and with what the machine could do at best: bench/ladder/.
    return finish();
}
