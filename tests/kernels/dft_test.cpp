// Filters by the Fourier transform and correlations, against plain sums.
#include "fathom/kernels/dft.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <vector>

#include "fathom/kernels/correlate.hpp"
#include "tests/kernels/for_each_isa.hpp"

using namespace fathom;

namespace {

std::vector<double> numbers(std::int64_t count, int factor) {
    std::vector<double> x;
    for (std::int64_t i = 0; i < count; ++i) x.push_back(static_cast<double>(i * factor % 101) - 40);
    return x;
}

// The transform along both dimensions, times the filter, and back, from its definition.
std::vector<double> filtered(const std::vector<double>& x, std::int64_t rows, std::int64_t columns,
                             const std::vector<double>& filter) {
    using Complex = std::complex<double>;
    const auto transform = [](std::vector<Complex> values, std::int64_t count, std::int64_t stride, double sign) {
        const auto length = static_cast<std::int64_t>(values.size());
        std::vector<Complex> result(values.size());
        for (std::int64_t at = 0; at < length; ++at) {
            const std::int64_t k = at / stride % count, first = at - k * stride;
            Complex sum = 0;
            for (std::int64_t i = 0; i < count; ++i)
                sum += values[static_cast<std::size_t>(first + i * stride)] *
                       std::polar(1.0, sign * 2 * std::numbers::pi * static_cast<double>(i * k % count) /
                                           static_cast<double>(count));
            result[static_cast<std::size_t>(at)] = sum;
        }
        return result;
    };
    auto values = transform({x.begin(), x.end()}, columns, 1, -1);
    values = transform(values, rows, columns, -1);
    for (std::int64_t k = 0; k < rows; ++k)
        for (std::int64_t l = 0; l < columns; ++l)
            values[static_cast<std::size_t>(k * columns + l)] *=
                filter[static_cast<std::size_t>(std::min(k, rows - k) * (columns / 2 + 1) + std::min(l, columns - l))];
    values = transform(transform(values, columns, 1, 1), rows, columns, 1);
    std::vector<double> result;
    for (const Complex& z : values) result.push_back(z.real() / static_cast<double>(rows * columns));
    return result;
}

double distance(const std::vector<double>& a, const std::vector<double>& b) {
    double most = 0;
    for (std::size_t i = 0; i < a.size(); ++i) most = std::max(most, std::abs(a[i] - b[i]));
    return most;
}

}  // namespace

TEST_CASE("kernels/dft: two planes filtered at once") {
    // Every radix, several of them, primes that go by way of another length, sides of one pixel.
    const std::vector<std::pair<std::int64_t, std::int64_t>> sizes = {
        {1, 1}, {1, 17}, {2, 3}, {4, 5}, {9, 20}, {16, 30}, {25, 27}, {8, 32}, {11, 31}, {23, 14}, {7, 1}, {33, 49}};
    for (const auto& size : sizes) {
        const std::int64_t rows = size.first, columns = size.second;
        const auto a = numbers(rows * columns, 37), b = numbers(rows * columns, 53);
        auto filter = numbers((rows / 2 + 1) * (columns / 2 + 1), 29);
        for (double& x : filter) x /= 50;
        const auto expected_a = filtered(a, rows, columns, filter), expected_b = filtered(b, rows, columns, filter);
        tests::for_each_isa([&] {
            auto x = a, y = b;
            kernels::filter_spectrum(x.data(), y.data(), rows, columns, filter.data());
            CAPTURE(rows);
            CAPTURE(columns);
            CHECK(distance(x, expected_a) < 1e-11);
            CHECK(distance(y, expected_b) < 1e-11);
        });
    }
}

TEST_CASE("kernels/dft: correlations along and down rows") {
    for (const int taps : {1, 3, 7, 31})
        for (const std::int64_t count : {1, 7, 8, 9, 33, 64, 100}) {
            const auto in = numbers(count + taps - 1, 37), weights = numbers(taps, 53);
            std::vector<std::vector<double>> rows;
            std::vector<const double*> pointers;
            for (int k = 0; k < taps; ++k) rows.push_back(numbers(count, 3 + k));
            for (const auto& row : rows) pointers.push_back(row.data());
            std::vector<double> along(static_cast<std::size_t>(count)), down(along);
            for (std::size_t i = 0; i < along.size(); ++i)
                for (std::size_t k = 0; k < weights.size(); ++k)
                    along[i] += weights[k] * in[i + k], down[i] += weights[k] * rows[k][i];
            tests::for_each_isa([&] {
                // Whole numbers: exact in any order.
                std::vector<double> out(along.size() + 1, -1.0);
                kernels::correlate_row(in.data(), weights.data(), taps, count, out.data());
                CHECK(std::equal(along.begin(), along.end(), out.begin()));
                CHECK(out.back() == -1);
                kernels::correlate_rows(pointers.data(), weights.data(), taps, count, out.data());
                CHECK(std::equal(down.begin(), down.end(), out.begin()));
                CHECK(out.back() == -1);
            });
        }
}
