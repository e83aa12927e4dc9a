// The kernel's statistics at sizes around a tile and a chunk, and where a one-pass formula would lose them.
#include "fathom/kernels/batch_norm.hpp"

#include <cmath>
#include <limits>

#include "fathom/core/random.hpp"
#include "tests/kernels/for_each_isa.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace fathom::tests;

namespace {

template <class T>
void check_statistics(std::int64_t pixels, std::int64_t channels, std::int64_t step, double offset) {
    CAPTURE(pixels);
    CAPTURE(channels);
    const auto size = static_cast<std::size_t>(channels);
    std::vector<T> x(static_cast<std::size_t>(pixels * step), T{1000});  // what lies between the rows is not read
    for (std::int64_t i = 0; i < pixels; ++i)
        for (std::int64_t c = 0; c < channels; ++c)
            x[static_cast<std::size_t>(i * step + c)] =
                static_cast<T>(offset + uniform({7, 0}, static_cast<std::uint64_t>(i * channels + c)));
    const auto at = [&](std::int64_t i, std::size_t c) {
        return static_cast<double>(x[static_cast<std::size_t>(i * step) + c]);
    };
    const auto n = static_cast<double>(pixels);
    std::vector<double> mean(size), variance(size);
    for (std::size_t c = 0; c < size; ++c) {
        for (std::int64_t i = 0; i < pixels; ++i) mean[c] += at(i, c) / n;
        for (std::int64_t i = 0; i < pixels; ++i) variance[c] += (at(i, c) - mean[c]) * (at(i, c) - mean[c]) / n;
    }
    const double eps = 1e-5,
                 // a mean far away makes every difference from it that much coarser
        bound = 64 * (1 + offset) * static_cast<double>(std::numeric_limits<T>::epsilon());
    for_each_isa([&] {
        std::vector<T> m(size), r(size), running_mean(size, T{2}), running_var(size, T{3});
        kernels::batch_norm_statistics<T>({x.data(), step}, pixels, channels, eps, m.data(), r.data(),
                                          running_mean.data(), running_var.data(), 0.1);
        for (std::size_t c = 0; c < size; ++c) {
            CAPTURE(c);
            CHECK(std::fabs(static_cast<double>(m[c]) - mean[c]) <= bound * 2);
            const double expected = 1 / std::sqrt(variance[c] + eps);
            CHECK(std::fabs(static_cast<double>(r[c]) - expected) <= bound * expected);
            CHECK(std::fabs(static_cast<double>(running_mean[c]) - (1.8 + 0.1 * mean[c])) <= bound * 2);
            CHECK(std::fabs(static_cast<double>(running_var[c]) - (2.7 + 0.1 * variance[c] * n / (n - 1))) <=
                  bound * 3);
        }
    });
}

}  // namespace

TEST_CASE("kernels/batch_norm: mean, variance and running statistics") {
    for (const std::int64_t pixels : {2, 63, 64, 65, 1000, 20000})
        for (const std::int64_t channels : {1, 15, 16, 17, 40}) {
            check_statistics<float>(pixels, channels, channels, 0);
            check_statistics<double>(pixels, channels, channels + 3, 0);
        }
}

TEST_CASE("kernels/batch_norm: a mean far from zero does not cost the variance") {
    check_statistics<float>(5000, 17, 17, 300);
    check_statistics<double>(5000, 17, 17, 1e5);
}

TEST_CASE("kernels/batch_norm: one and two threads give the same bits") {
    constexpr std::int64_t pixels = 5000, channels = 24;
    std::vector<float> x(pixels * channels), dy(pixels * channels);
    for (std::size_t i = 0; i < x.size(); ++i) {
        x[i] = static_cast<float>(uniform({1, 0}, i));
        dy[i] = static_cast<float>(uniform({2, 0}, i));
    }
    const auto run = [&](int threads) {
        const Threads scope(threads);
        std::vector<float> all(2 * x.size() + 4 * channels);
        float *m = all.data() + 2 * x.size(), *r = m + channels, *dw = r + channels, *db = dw + channels;
        kernels::batch_norm_statistics<float>({x.data(), channels}, pixels, channels, 1e-5, m, r, nullptr, nullptr,
                                              0.1);
        const kernels::ChannelNorm<float> norm{m, r, nullptr, nullptr, Activation::relu, 0};
        kernels::batch_norm<float>({x.data(), channels}, pixels, channels, norm, {all.data(), channels});
        kernels::batch_norm_backward<float>({x.data(), channels}, pixels, channels, norm, {dy.data(), channels}, true,
                                            {all.data() + x.size(), channels}, dw, db, {});
        return all;
    };
    const auto one = run(1), two = run(2);
    CHECK(std::memcmp(one.data(), two.data(), one.size() * sizeof(float)) == 0);
}
