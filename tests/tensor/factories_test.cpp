#include "fathom/tensor/factories.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "fathom/ops/copy.hpp"
#include "fathom/ops/reduce.hpp"
#include "tests/kernels/for_each_isa.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace fathom::tests;

TEST_CASE("tensor/factories: shapes, values and dtypes") {
    CHECK(elements(zeros<float>({2, 2})) == std::vector<float>{0, 0, 0, 0});
    CHECK(elements(ones<std::uint8_t>({3})) == std::vector<std::uint8_t>{1, 1, 1});
    CHECK(elements(full<std::int64_t>({2}, -7)) == std::vector<std::int64_t>{-7, -7});
    CHECK(elements(full<bool>({2}, true)) == std::vector<bool>{true, true});
    CHECK(zeros<double>({}).item() == 0);
    CHECK(zeros<double>({3, 0, 2}).numel() == 0);
    const std::vector<float> data = {1, 2, 3, 4, 5, 6};
    CHECK(elements(from_data(data.data(), {2, 3})) == data);
    CHECK(empty<float>({data.size(), 3}).shape() == Shape{6, 3});
    CHECK(empty<float>(Shape::filled(8, 2)).numel() == 256);
}

TEST_CASE("tensor/factories: arange counts up and down and never reaches its end") {
    CHECK(elements(arange<std::int64_t>(4)) == std::vector<std::int64_t>{0, 1, 2, 3});
    CHECK(elements(arange<std::int64_t>(1, 8, 3)) == std::vector<std::int64_t>{1, 4, 7});
    CHECK(elements(arange<float>(2, -1, -1)) == std::vector<float>{2, 1, 0});
    CHECK(elements(arange<double>(0, 1, 0.25)) == std::vector<double>{0, 0.25, 0.5, 0.75});
    CHECK(arange<float>(3, 3).numel() == 0);
    CHECK(arange<float>(3, 1).numel() == 0);
    CHECK(message_of([] { return arange<float>(0, 1, 0); }) == "arange: step 0, expected one that is not 0 at here");
    // Elements are counted as they are rounded.
    CHECK(elements(arange<float>(0.1f, 1.1f, 1)) == std::vector<float>{0.1f});
    CHECK(arange<float>(0, 1, 0.1f).numel() == 10);
    constexpr std::int64_t big = std::numeric_limits<std::int64_t>::max();
    CHECK(elements(arange<std::int64_t>(big - 3, big, 2)) == std::vector<std::int64_t>{big - 3, big - 1});
    CHECK(elements(arange<std::int64_t>(-big - 1, big, big)) == std::vector<std::int64_t>{-big - 1, -1, big - 1});
    CHECK(elements(arange<std::int64_t>(big, -big - 1, -big)) == std::vector<std::int64_t>{big, 0, -big});
    CHECK(message_of([] { arange<double>(0, 1e30); }).find("arange: 0 to 1e+30 are too many steps") == 0);
    CHECK(message_of([] { arange<double>(0, std::numeric_limits<double>::infinity()); }).find("too many") !=
          std::string::npos);
    CHECK(message_of([] { arange<std::int64_t>(-big - 1, big); }).find("arange: ") == 0);
    CHECK(message_of([] { arange<std::uint8_t>(0, 300); }).find("does not fit uint8") != std::string::npos);
}

TEST_CASE("tensor/factories: linspace has both ends, eye its diagonal") {
    CHECK(elements(linspace<float>(0, 1, 5)) == std::vector<float>{0, 0.25f, 0.5f, 0.75f, 1});
    CHECK(elements(linspace<double>(1, -2, 4)) == std::vector<double>{1, 0, -1, -2});
    CHECK(elements(linspace<double>(3, 7, 1)) == std::vector<double>{3});
    CHECK(linspace<double>(3, 7, 0).numel() == 0);
    const auto tenths = elements(linspace<double>(0.1, 0.7, 7));
    CHECK(tenths.front() == 0.1);
    CHECK(tenths.back() == 0.7);
    CHECK(elements(linspace<std::int64_t>(0, 10, 4)) == std::vector<std::int64_t>{0, 3, 6, 10});
    CHECK(elements(linspace<std::int64_t>(5, -5, 4)) == std::vector<std::int64_t>{5, 1, -1, -5});
    CHECK(message_of([] { linspace<float>(0, 1, -1); }) == "linspace: steps -1, expected at least 0 at here");
    CHECK(elements(eye<float>(2)) == std::vector<float>{1, 0, 0, 1});
    CHECK(elements(eye<bool>(2, 3)) == std::vector<bool>{true, false, false, false, true, false});
    CHECK(eye<float>(0).shape() == Shape{0, 0});
    CHECK(message_of([] { eye<float>(2, -2); }) == "eye: 2 rows, -2 columns, expected none below 0 at here");
}

TEST_CASE("tensor/factories: values of vectors and of the caller's memory") {
    CHECK(elements(from_vector<float>({1, 2, 3})) == std::vector<float>{1, 2, 3});
    CHECK(from_vector<bool>({true, false}, {2, 1}).shape() == Shape{2, 1});
    CHECK(message_of([] { from_vector<float>({1, 2}, {3}); }) == "from_vector: 2 values for shape [3] at here");
    std::vector<double> memory = {1, 2, 3, 4};
    auto x = from_blob(memory.data(), {2, 2});
    x(1, 0) = 9;
    CHECK(memory[2] == 9);
    int calls = 0;
    {
        Tensor<double> row;
        {
            const auto y = from_blob(memory.data() + 1, {3}, [&](double* p) { calls += p == memory.data() + 1; });
            row = y[1];
        }
        CHECK(calls == 0);
        CHECK(row.item() == 9);
    }
    CHECK(calls == 1);
    CHECK(message_of([] { from_blob(static_cast<float*>(nullptr), {2}); }) ==
          "from_blob: no memory for shape [2] at here");
}

TEST_CASE("tensor/factories: like another tensor, in its order of memory") {
    Generator gen(3), again(3);
    const auto x = zeros<float>({2, 3, 4, 5}).contiguous(MemoryFormat::channels_last);
    CHECK(zeros_like(x).strides() == x.strides());
    CHECK(elements(ones_like(x[0][0][0])) == std::vector<float>(5, 1));
    CHECK(elements(full_like(Tensor<std::uint8_t>({1, 2}), 200)) == std::vector<std::uint8_t>{200, 200});
    CHECK(empty_like(x.narrow(1, 0, 2)).is_contiguous(MemoryFormat::channels_last));
    CHECK(same_bits(rand_like(x, gen), rand<float>(x.shape(), again)));
    CHECK(same_bits(randn_like(x, gen), randn<float>(x.shape(), again)));
    CHECK(message_of([] { zeros_like(Tensor<float>()); }).find("empty_like: an input was never given a value") == 0);
}

TEST_CASE("tensor/factories: randperm is a permutation, every one as likely") {
    Generator gen(11);
    std::vector<int> count(6);
    for (int i = 0; i < 6000; ++i) {
        const auto p = elements(randperm(3, gen));
        ++count[static_cast<std::size_t>(p[0] * 2 + (p[1] > p[2]))];
    }
    for (int c : count) CHECK(std::abs(c - 1000) < 5 * 29);
    auto p = elements(randperm(1000, gen));
    std::sort(p.begin(), p.end());
    for (std::size_t i = 0; i < p.size(); ++i) CHECK(p[i] == static_cast<std::int64_t>(i));
    CHECK(randperm(0, gen).numel() == 0);
    CHECK(message_of([&] { randperm(-1, gen); }) == "randperm: n -1, expected at least 0 at here");
}

TEST_CASE("tensor/factories: impossible shapes are errors") {
    CHECK(message_of([] { return zeros<float>({2, -1}); }) == "empty: negative size in shape [2,-1] at here");
    CHECK(message_of([] {
              return empty<float>({std::int64_t{1} << 40, std::int64_t{1} << 40});
          }) == "empty: shape [1099511627776,1099511627776] needs more than 2^63 bytes at here");
    Generator gen(1);
    CHECK(message_of([&] { return randint<std::int64_t>(3, 3, {2}, gen); }) ==
          "randint: range [3, 3) is empty at here");
    CHECK(message_of([&] { return randint<std::uint8_t>(0, 1000, {2}, gen); }) ==
          "scalar: 999 does not fit uint8, which holds 0 to 255 at here");
    CHECK(message_of([&] { return rand<float>({2}, gen, 5, 1); }) ==
          "rand: range [5, 1) is empty or not finite at here");
    CHECK(message_of([&] { return randn<float>({2}, gen, 0, -1); }).find("randn: mean 0, stddev -1") == 0);
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
    for (const std::int64_t v : elements(randint<std::int64_t>(-most - 1, most, {1000}, gen))) CHECK(v < most);
}

TEST_CASE("tensor/factories: the same seed gives the same numbers on any number of threads") {
    Generator behind(42);
    behind.reserve(200000);
    const auto integers = randint<std::int64_t>(-9, 9, {100000}, behind);
    const auto draw = [&](int threads) {
        const Threads scope(threads);
        Generator gen(42);
        const auto a = randn<float>({100000}, gen);
        const auto b = rand<double>({100000}, gen, -2, 3);
        CHECK(same_bits(randint<std::int64_t>(-9, 9, {100000}, gen), integers));
        return std::make_pair(a, b);
    };
    const auto [a1, b1] = draw(1);
    const auto [a2, b2] = draw(2);
    CHECK(same_bits(a1, a2));
    CHECK(same_bits(b1, b2));
    Generator gen(42), other(43);
    const auto first = randn<float>({10}, gen), second = randn<float>({10}, gen), different = randn<float>({10}, other);
    CHECK_FALSE(same_bits(first, second));
    CHECK_FALSE(same_bits(first, different));
    CHECK(gen.offset() == 20);
}

TEST_CASE("tensor/factories: the distributions are what they say") {
    Generator gen(7);
    const auto u = rand<double>({200000}, gen, -2, 3);
    const auto values = elements(u);
    CHECK(*std::min_element(values.begin(), values.end()) >= -2);
    CHECK(*std::max_element(values.begin(), values.end()) < 3);
    CHECK(std::abs(u.mean().item() - 0.5) < 5 * (5 / std::sqrt(12.0)) / std::sqrt(200000.0));
    const auto n = randn<double>({200000}, gen, 1, 2);
    CHECK(std::abs(n.mean().item() - 1) < 5 * 2 / std::sqrt(200000.0));
    CHECK(std::abs(var(n, {}).item() - 4) < 5 * 4 * std::sqrt(2.0 / 200000));
    std::vector<int> count(5);
    for (std::int64_t v : elements(randint<std::int64_t>(-2, 3, {50000}, gen))) {
        REQUIRE(v >= -2);
        REQUIRE(v < 3);
        ++count[static_cast<std::size_t>(v + 2)];
    }
    for (int c : count) CHECK(std::abs(c - 10000) < 500);
}
