#include "fathom/kernels/gemm.hpp"

#include <doctest/doctest.h>

#include <cstring>
#include <vector>

#include "tests/kernels/for_each_isa.hpp"
#include "tests/kernels/reference.hpp"

using namespace fathom;
using kernels::Epilogue;
using kernels::GemmShape;
using kernels::MatrixSteps;

namespace {

std::int64_t extent(std::int64_t batch, std::int64_t rows, std::int64_t cols, const MatrixSteps& s) {
    return (batch - 1) * s.batch + (rows - 1) * s.row + (cols - 1) * s.col + 1;
}

template <class T>
tests::Reference reference_gemm(const T* a, const T* b, const T* bias, const std::vector<T>& c, const GemmShape& s,
                                const Epilogue<T>& epilogue) {
    tests::Reference r{std::vector<double>(c.begin(), c.end()), std::vector<double>(c.size(), 0)};
    const auto at = [](const MatrixSteps& steps, std::int64_t g, std::int64_t i, std::int64_t j) {
        return g * steps.batch + i * steps.row + j * steps.col;
    };
    for (std::int64_t g = 0; g < s.batch; ++g)
        for (std::int64_t i = 0; i < s.m; ++i)
            for (std::int64_t j = 0; j < s.n; ++j) {
                const auto out = static_cast<std::size_t>(at(s.c, g, i, j));
                const double old = epilogue.residual ? static_cast<double>(epilogue.residual[out]) : 0;
                const double start = bias ? static_cast<double>(bias[at(s.bias, g, i, j)]) : 0;
                double sum = old + start, magnitude = std::abs(old) + std::abs(start);
                for (std::int64_t k = 0; k < s.k; ++k) {
                    const double product =
                        static_cast<double>(a[at(s.a, g, i, k)]) * static_cast<double>(b[at(s.b, g, k, j)]);
                    sum += product, magnitude += std::abs(product);
                }
                r.value[out] = tests::reference_end(sum, at(s.c, g, i, j), epilogue), r.magnitude[out] = magnitude;
            }
    return r;
}

template <class T>
void check_gemm(const GemmShape& s, bool with_bias = true) {
    CAPTURE(s.batch);
    CAPTURE(s.m);
    CAPTURE(s.n);
    CAPTURE(s.k);
    CAPTURE(s.a.row);
    CAPTURE(s.b.row);
    CAPTURE(s.c.row);
    CAPTURE(sizeof(T));
    const bool empty = s.batch * s.m * s.n == 0;
    const auto a = tests::test_numbers<T>(s.k && !empty ? extent(s.batch, s.m, s.k, s.a) : 1, 1);
    const auto b = tests::test_numbers<T>(s.k && !empty ? extent(s.batch, s.k, s.n, s.b) : 1, 2);
    const auto bias = tests::test_numbers<T>(empty ? 1 : extent(s.batch, s.m, s.n, s.bias), 3);
    const auto c = tests::test_numbers<T>(empty ? 1 : extent(s.batch, s.m, s.n, s.c), 4);
    const auto other = tests::test_numbers<T>(static_cast<std::int64_t>(c.size()), 5);
    const auto gate = tests::test_numbers<T>(static_cast<std::int64_t>(c.size()), 6);
    for (const char* added : {"nothing", "the result itself", "another array"})
        for (Activation activation : {Activation::none, Activation::relu, Activation::leaky_relu})
            for (bool gated : {false, true}) {
                CAPTURE(added);
                CAPTURE(static_cast<int>(activation));
                CAPTURE(gated);
                const T* const p = with_bias ? bias.data() : nullptr;
                // Where the result lies in `out`.
                const auto epilogue = [&](const T* out) {
                    return Epilogue<T>{activation, 0.1,
                                       *added == 'n'   ? nullptr
                                       : *added == 't' ? out
                                                       : other.data(),
                                       gated ? gate.data() : nullptr};
                };
                const auto expected = reference_gemm(a.data(), b.data(), p, c, s, epilogue(c.data()));
                std::vector<T> got = c, two = c;
                {
                    tests::Threads threads(1);
                    kernels::gemm(a.data(), b.data(), p, got.data(), s, epilogue(got.data()));
                }
                {
                    tests::Threads threads(2);
                    kernels::gemm(a.data(), b.data(), p, two.data(), s, epilogue(two.data()));
                }
                CHECK(tests::first_difference(got, expected, s.k) == -1);
                CHECK(std::memcmp(got.data(), two.data(), got.size() * sizeof(T)) == 0);
            }
}

// Row-major, or with one operand transposed: 'a', 'b', 'c'.
GemmShape dense(std::int64_t m, std::int64_t n, std::int64_t k, char transposed = ' ', std::int64_t batch = 1) {
    const auto steps = [&](char name, std::int64_t rows, std::int64_t cols) {
        return transposed == name ? MatrixSteps{1, rows, rows * cols} : MatrixSteps{cols, 1, rows * cols};
    };
    return {batch, m, n, k, steps('a', m, k), steps('b', k, n), steps('c', m, n), {0, 1, 0}};
}

}  // namespace

TEST_CASE("kernels/gemm: sizes around the register tiles, every transpose") {
    tests::for_each_isa([] {
        for (std::int64_t m : {1, 3, 4, 5, 6, 7, 11, 12, 13, 25})
            for (std::int64_t n : {1, 4, 8, 9, 15, 16, 17, 31, 32, 33, 65}) check_gemm<float>(dense(m, n, 5));
        for (std::int64_t m : {7, 8, 9, 17})
            for (std::int64_t n : {47, 48, 49, 63, 64, 80, 81, 96, 100, 113}) check_gemm<float>(dense(m, n, 5));
        for (char transposed : {'a', 'b', 'c'})
            for (std::int64_t m : {1, 7, 13, 26})
                for (std::int64_t n : {1, 17, 40, 140}) {
                    check_gemm<float>(dense(m, n, 9, transposed));
                    check_gemm<double>(dense(m, n, 9, transposed));
                }
        for (std::int64_t m : {6, 13})
            for (std::int64_t n : {1, 7, 8, 9, 16, 17, 24, 33, 47}) check_gemm<double>(dense(m, n, 3));
    });
}

TEST_CASE("kernels/gemm: depths and rows around the cache blocks, empty") {
    tests::for_each_isa([] {
        for (std::int64_t k : {0, 1, 511, 512, 513, 1030}) {
            check_gemm<float>(dense(14, 33, k));
            check_gemm<float>(dense(14, 133, k, 'a'));
        }
        for (std::int64_t m : {127, 128, 129, 300}) {
            check_gemm<float>(dense(m, 40, 31));
            check_gemm<float>(dense(m, 150, 31));
            check_gemm<float>(dense(m, 100, 31, 'a'));
        }
        for (std::int64_t m : {527, 528, 529, 1100}) check_gemm<float>(dense(m, 33, 5, m == 529 ? 'a' : ' '));
        for (std::int64_t n : {383, 384, 385, 800}) {
            check_gemm<float>(dense(14, n, 7));
            check_gemm<float>(dense(140, n, 7, 'b'));
        }
        check_gemm<float>(dense(0, 4, 4));
        check_gemm<float>(dense(4, 0, 4));
        check_gemm<float>(dense(4, 4, 4, ' ', 0));
        check_gemm<float>(dense(160, 150, 270));  // large enough for several threads
    });
}

TEST_CASE("kernels/gemm: batches, strides, biases") {
    tests::for_each_isa([] {
        check_gemm<float>(dense(13, 18, 21, ' ', 5));
        check_gemm<double>(dense(13, 18, 21, 'b', 3));
        check_gemm<float>(dense(70, 90, 60, ' ', 70));
        GemmShape s = dense(13, 35, 7);
        check_gemm<float>(s, false);
        s.bias = {1, 0, 0};
        check_gemm<float>(s);
        s.bias = {35, 1, 0};
        check_gemm<float>(s);
        s.bias = {1, 13, 0};
        check_gemm<float>(s);
        s.a = {20, 1, 0}, s.b = {80, 2, 0}, s.c = {40, 1, 0};
        check_gemm<float>(s);
        s.a = {3, 50, 0}, s.b = {0, 1, 0}, s.c = {80, 2, 0};
        check_gemm<float>(s);
        GemmShape shared = dense(9, 12, 8, ' ', 4);
        shared.b.batch = 0;
        check_gemm<float>(shared);
    });
}
