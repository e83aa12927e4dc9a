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
    const auto draw = [](int threads) {
        const Threads scope(threads);
        Generator gen(42);
        const auto a = randn<float>({100000}, gen);
        const auto b = rand<double>({100000}, gen, -2, 3);
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
