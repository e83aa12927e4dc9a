#include "fathom/kernels/ohem.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "fathom/core/random.hpp"
#include "tests/kernels/for_each_isa.hpp"

namespace fathom::tests {
namespace {

// Which losses count, by a stable sort.
template <class T>
std::vector<bool> sorted_choice(const std::vector<T>& loss, T threshold, std::int64_t n_min) {
    std::vector<std::size_t> order(loss.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return loss[a] > loss[b]; });
    std::size_t count = std::min(static_cast<std::size_t>(n_min), loss.size());
    while (count < loss.size() && loss[order[count]] > threshold) ++count;
    std::vector<bool> chosen(loss.size(), false);
    for (std::size_t i = 0; i < count; ++i) chosen[order[i]] = true;
    return chosen;
}

template <class T>
void check(const std::vector<T>& loss, T threshold, std::int64_t n_min) {
    CAPTURE(loss.size());
    CAPTURE(threshold);
    CAPTURE(n_min);
    const auto n = static_cast<std::int64_t>(loss.size());
    const std::vector<bool> want = sorted_choice(loss, threshold, n_min);
    const auto count = std::count(want.begin(), want.end(), true);
    double sum = 0;
    for (std::size_t i = 0; i < loss.size(); ++i) sum += want[i] ? static_cast<double>(loss[i]) : 0;

    std::vector<T> one(loss.size(), T(-1)), two = one;
    T mean_of_one{}, mean_of_two{};
    for (const int threads : {1, 2}) {
        const Threads scope(threads);
        const kernels::OhemSelection selection = kernels::ohem_select(loss.data(), n, threshold, n_min);
        CHECK(selection.count == count);
        (threads == 1 ? mean_of_one : mean_of_two) = kernels::ohem_mean(loss.data(), n, selection);
        kernels::ohem_backward(loss.data(), n, selection, T(3), (threads == 1 ? one : two).data());
    }
    CHECK(mean_of_one == mean_of_two);
    const double mean = count ? sum / static_cast<double>(count) : 0;
    const bool close = std::isinf(mean) ? static_cast<double>(mean_of_one) == mean
                                        : std::abs(static_cast<double>(mean_of_one) - mean) <= 1e-6 * std::abs(mean);
    CHECK(close);
    CHECK(one == two);
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < loss.size(); ++i) wrong += one[i] != (want[i] ? T(3) / static_cast<T>(count) : T(0));
    CHECK(wrong == 0);
}

template <class T>
std::vector<T> random_losses(std::int64_t n, std::uint64_t seed) {
    std::vector<T> loss;
    for (std::int64_t i = 0; i < n; ++i) {
        const double u = uniform({seed, 0}, static_cast<std::uint64_t>(i));
        loss.push_back(static_cast<T>(u < 0.2 ? 0 : -std::log(u) * 2));
    }
    return loss;
}

template <class T>
void check_sizes() {
    for (const std::int64_t n : {1, 2, 63, 1000, 32768, 32769, 300000}) {
        const std::vector<T> loss = random_losses<T>(n, static_cast<std::uint64_t>(n));
        for (const std::int64_t n_min : {std::int64_t{0}, std::int64_t{1}, n / 16, n / 8, n / 2, n - 1, n, n + 1})
            for (const double threshold : {0.0, 0.35, 2.0, 50.0}) check(loss, static_cast<T>(threshold), n_min);
    }
}

}  // namespace

TEST_CASE("kernels/ohem: what counts, its mean and its gradient against a sort") {
    check_sizes<float>();
    check_sizes<double>();
}

TEST_CASE("kernels/ohem: of equal losses the first count") {
    std::vector<float> loss(100000);
    for (std::size_t i = 0; i < loss.size(); ++i) loss[i] = static_cast<float>(i * 7 % 5) / 8;
    for (const std::int64_t n_min : {1, 19999, 20000, 20001, 50000, 99999}) check(loss, 0.5f, n_min);
    const std::vector<float> zeros(70000, 0.0f);  // as when every pixel is ignored
    for (const std::int64_t n_min : {0, 1, 40000, 70000, 80000}) check(zeros, 0.35f, n_min);
    check(std::vector<float>{0.0f, -0.0f, 0.0f, -0.0f}, 1.0f, 2);
}

TEST_CASE("kernels/ohem: infinities, denormals and negative numbers are in order") {
    const float infinity = std::numeric_limits<float>::infinity(), tiny = std::numeric_limits<float>::denorm_min();
    const std::vector<float> loss = {1.0f, -1.0f, tiny, infinity, -tiny, 0.0f, -infinity, 3.0e38f};
    for (std::int64_t n_min = 1; n_min <= 6; ++n_min) check(loss, infinity, n_min);
    check(loss, -tiny, 2);
    check(loss, 0.0f, 2);
}

TEST_CASE("kernels/ohem: a NaN counts, and makes the mean NaN") {
    for (const std::int64_t n : {1, 3, 100000})
        for (const std::int64_t nans : {std::int64_t{1}, n})
            for (const std::int64_t n_min : {std::int64_t{0}, std::int64_t{1}, n / 2, n}) {
                CAPTURE(n);
                CAPTURE(n_min);
                std::vector<float> loss(static_cast<std::size_t>(n), 0.1f), dloss = loss;
                for (std::int64_t i = 0; i < nans; ++i)
                    loss[static_cast<std::size_t>(n - 1 - i)] =
                        i % 2 ? -std::numeric_limits<float>::quiet_NaN() : std::numeric_limits<float>::quiet_NaN();
                const auto selection = kernels::ohem_select(loss.data(), n, 0.35f, n_min);
                CHECK(selection.count == std::max(n_min, n_min < nans ? nans : 0));
                CHECK(std::isnan(kernels::ohem_mean(loss.data(), n, selection)));
                kernels::ohem_backward(loss.data(), n, selection, 1.0f, dloss.data());
                CHECK((dloss.back() > 0 || n_min == nans));
                CHECK(std::count_if(dloss.begin(), dloss.end(), [](float d) { return d > 0; }) == selection.count);
            }
}

TEST_CASE("kernels/ohem: the losses of two images of 480 x 640 take milliseconds") {
    const std::vector<float> loss = random_losses<float>(2 * 480 * 640, 5);
    std::vector<float> dloss(loss.size());
    const auto n = static_cast<std::int64_t>(loss.size());
    const Threads scope(1);
    double best = 1e9;
    for (int i = 0; i < 5; ++i) {
        const auto start = std::chrono::steady_clock::now();
        const auto selection = kernels::ohem_select(loss.data(), n, 50.0f, n / 16);
        kernels::ohem_mean(loss.data(), n, selection);
        kernels::ohem_backward(loss.data(), n, selection, 1.0f, dloss.data());
        best =
            std::min(best, std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
    }
    MESSAGE("selection, mean and gradient: " << best << " ms on one thread");
    CHECK(best < 2000);  // generous: slow machines, sanitizers
}

}  // namespace fathom::tests
