// Orders, and what is drawn by them: ties, NaN, every dtype, long lines, threads; bernoulli and multinomial.
#include <algorithm>
#include <cmath>
#include <limits>

#include "fathom/ops/sampling.hpp"
#include "fathom/ops/sort.hpp"
#include "tests/kernels/for_each_isa.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace fathom::tests;

namespace {
using Long = Tensor<std::int64_t>;
using Places = std::vector<std::int64_t>;

// The positions of x (one dimension) in order, by a plain stable sort.
template <class T>
Places plain_order(const Tensor<T>& x, bool descending) {
    const std::vector<T> values = elements(x);
    Places order(values.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<std::int64_t>(i);
    const auto below = [&](T a, T b) { return is_nan(b) ? !is_nan(a) : a < b; };
    std::stable_sort(order.begin(), order.end(), [&](std::int64_t i, std::int64_t j) {
        const T a = values[static_cast<std::size_t>(i)], b = values[static_cast<std::size_t>(j)];
        return descending ? below(b, a) : below(a, b);
    });
    return order;
}
}  // namespace

TEST_CASE("ops/sort: equal numbers keep their order, zeros are equal, NaN is above all") {
    constexpr float inf = std::numeric_limits<float>::infinity();
    const Tensor<float> x({2, NAN, -0.0f, 0, inf, 2, -inf, -NAN, 0, -1});
    CHECK(elements(argsort(x)) == Places{6, 9, 2, 3, 8, 0, 5, 4, 1, 7});
    CHECK(elements(argsort(x, 0, true)) == Places{1, 7, 4, 0, 5, 2, 3, 8, 9, 6});
    CHECK(elements(topk(x, 4).indices) == Places{1, 7, 4, 0});
    CHECK(elements(topk(x, 4, 0, true, false).indices) == Places{0, 1, 4, 7});
    CHECK(elements(topk(x, 3, 0, false).indices) == Places{6, 9, 2});
    const auto nothing = full<double>({100}, NAN);
    CHECK(elements(topk(nothing, 3).indices) == Places{0, 1, 2});
    CHECK(elements(topk(nothing, 3, 0, false).indices) == Places{0, 1, 2});
    const auto values = elements(sort(x).values);
    CHECK(std::signbit(values[2]));
    CHECK_FALSE(std::signbit(values[3]));
}

TEST_CASE("ops/sort: every dtype, short and long lines") {
    Generator gen(5);
    for (const std::int64_t n : {1, 2, 37, 511, 512, 3000, 140000}) {
        CAPTURE(n);
        const auto small = randint<std::int64_t>(-30, 30, {n}, gen);
        const auto check = [&](const auto& x) {
            for (const bool descending : {false, true})
                CHECK(elements(argsort(x, 0, descending)) == plain_order(x, descending));
            const std::int64_t k = n / 9 + 1;
            const Places all = elements(argsort(x, 0, true)), first = elements(topk(x, k).indices);
            CHECK(std::equal(first.begin(), first.end(), all.begin()));
        };
        check(small);
        if (n == 140000) {
            check(randn<float>({n}, gen));
            continue;
        }
        check(small.to<std::int32_t>());
        check(small.to<std::uint8_t>());
        check(small.to<float>());
        check(randn<double>({n}, gen));
        check(small < 7);
        check(randint<std::int64_t>(std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max(),
                                    {n}, gen));
    }
}

TEST_CASE("ops/sort: along any dimension, of views, of nothing, on any threads") {
    Generator gen(6);
    const auto x = randn<float>({5, 700, 3}, gen);
    const auto [values, indices] = sort(x, 1);
    CHECK(same_bits(x.gather(1, indices), values));
    CHECK(elements(values.transpose(0, 1).reshape({700, 15})[0]) ==
          elements(x.transpose(0, 1).reshape({700, 15}).sort(0).values[0]));
    CHECK(elements(x[2].select(1, 1).argsort()) == plain_order(x[2].select(1, 1), false));
    CHECK(elements(indices[2].select(1, 1)) == plain_order(x[2].select(1, 1), false));
    CHECK(zeros<float>({0, 3}).sort(0).values.shape() == Shape{0, 3});
    CHECK(topk(x, 0).values.shape() == Shape{5, 700, 0});
    CHECK(full<float>({}, 7).sort().values.item() == 7);
    CHECK(full<float>({}, 7).topk(1).indices.shape() == Shape{});
    const auto order = [&](int threads) {
        const Threads scope(threads);
        return argsort(reshape(x, {-1}));
    };
    CHECK(same_bits(order(1), order(2)));
}

TEST_CASE("ops/sort: errors") {
    const auto x = zeros<float>({2, 3});
    CHECK(message_of([&] { sort(x, 2); }) == "sort: dimension 2 of a tensor of rank 2 at here");
    CHECK(message_of([&] { topk(x, 4); }) == "topk: k 4, expected 0 to 3, the size of dimension 1 of [2,3] at here");
    CHECK(message_of([&] { topk(x, -1); }) == "topk: k -1, expected at least 0 at here");
    CHECK(message_of([] { argsort(Tensor<float>()); }).find("argsort: an input was never given a value") == 0);
}

TEST_CASE("ops/sort: bernoulli draws with the probability of each place") {
    Generator gen(8);
    const auto p = Tensor<double>({0, 0.25, 1}).expand({40000, 3});
    const auto drawn = bernoulli(p, gen);
    const auto mean = elements(drawn.mean(0));
    CHECK(mean[0] == 0);
    CHECK(std::abs(mean[1] - 0.25) < 5 * std::sqrt(0.1875 / 40000));
    CHECK(mean[2] == 1);
    CHECK(gen.offset() == 120000);
    CHECK(std::abs(bernoulli<float>({40000}, 0.75, gen).mean().item() - 0.75f) < 0.011f);
    CHECK(message_of([&] {
              bernoulli(Tensor<float>({0.5f, NAN}), gen);
          }) == "bernoulli: a probability is not in [0, 1] at here");
    CHECK(message_of([&] { bernoulli<float>({2}, 1.5, gen); }) ==
          "bernoulli: probability 1.5, expected one in [0, 1] at here");
}

TEST_CASE("ops/sort: multinomial draws by weights, with and without replacement") {
    Generator gen(9);
    const Tensor<float> weights({{0, 1, 3, 0}, {2, 0, 0, 2}});
    const auto drawn = multinomial(weights, 20000, true, gen);
    CHECK(drawn.shape() == Shape{2, 20000});
    const Places first = elements(bincount(drawn[0], 4)), second = elements(bincount(drawn[1], 4));
    CHECK(first[0] + first[3] + second[1] + second[2] == 0);
    CHECK(std::abs(static_cast<double>(first[2]) - 15000) < 5 * std::sqrt(20000 * 0.1875));
    CHECK(std::abs(static_cast<double>(second[0]) - 10000) < 5 * std::sqrt(20000 * 0.25));
    // Without replacement: the first draw has the same probabilities, and no position comes twice.
    const auto rows = Tensor<double>({1, 0, 3}).expand({20000, 3});
    const auto pairs = multinomial(rows, 2, false, gen);
    CHECK(elements(pairs.sum(1)) == Places(20000, 2));
    const Places begin = elements(bincount(pairs.select(1, 0), 3));
    CHECK(begin[1] == 0);
    CHECK(std::abs(static_cast<double>(begin[2]) - 15000) < 5 * std::sqrt(20000 * 0.1875));
    const auto draw = [&](int threads) {
        const Threads scope(threads);
        Generator same(4);
        return multinomial(rows, 2, false, same);
    };
    CHECK(same_bits(draw(1), draw(2)));
    CHECK(message_of([&] { multinomial(weights, 3, false, gen); }) ==
          "multinomial: 2 positions of row 0 have a weight above 0, expected at least 3 at here");
    CHECK(message_of([&] { multinomial(zeros<float>({3}), 1, true, gen); }) ==
          "multinomial: 0 positions of row 0 have a weight above 0, expected at least 1 at here");
    CHECK(message_of([&] {
              multinomial(Tensor<float>({1, -1}), 1, true, gen);
          }) == "multinomial: weight -1 at position 1 of row 0, expected a finite one, not below 0 at here");
    CHECK(message_of([&] { multinomial(Tensor<float>({1}), 0, true, gen); }) ==
          "multinomial: num_samples 0, expected at least 1 at here");
    CHECK(message_of([&] {
              multinomial(ones<float>({1, 1, 1}), 1, true, gen);
          }) == "multinomial: weights have shape [1,1,1], expected [n] or [rows, n] at here");
}
