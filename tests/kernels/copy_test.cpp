#include "fathom/kernels/copy.hpp"

#include <cmath>

#include "fathom/backend/cpu/elementwise.hpp"
#include "tests/dtypes.hpp"
#include "tests/kernels/arrays.hpp"
#include "tests/kernels/for_each_isa.hpp"

namespace fathom::tests {
namespace {

template <class From, class To>
void check_pair() {
    for (Shape shape : {Shape{}, Shape{0}, Shape{3, 67}, Shape{2, 3, 5, 66}})
        for (Layout to : all_layouts)
            for (bool accumulate : {false, true}) {
                Array<From> in(shape, Layout::dense,
                               shape.rank() == 4 ? std::initializer_list<int>{1} : std::initializer_list<int>{});
                Array<To> out(shape, to);
                in.fill([](std::int64_t i) { return i % 2 ? i % 9 : i % 120; });
                out.fill([](std::int64_t i) { return i % 3; });
                const auto before = out.values();
                cpu::copy<From, To>(call(), {result(out, accumulate), {in.abi(), {}, {}}, {}});
                bool same = true;
                for (std::int64_t i = 0; i < out.numel(); ++i) {
                    const auto number = static_cast<ScalarOf<From>>(in[i]);
                    const To value = static_cast<To>(number), old = before[static_cast<std::size_t>(i)];
                    same = same && out[i] == (accumulate ? static_cast<To>(old + value) : value);
                }
                CHECK(same);
                CHECK(out.guards_hold());
            }
}

}  // namespace

TEST_CASE("kernels/copy: every pair of dtypes, every layout") {
    for_each_dtype([]<class From>(Type<From>) { for_each_dtype([]<class To>(Type<To>) { check_pair<From, To>(); }); });
}

TEST_CASE("kernels/copy: what an integer cannot hold saturates, NaN becomes 0") {
    using kernels::convert;
    CHECK(convert<std::uint8_t>(255.9f) == 255);
    CHECK(convert<std::uint8_t>(256.0f) == 255);
    CHECK(convert<std::uint8_t>(-0.9) == 0);
    CHECK(convert<std::uint8_t>(-3.0) == 0);
    CHECK(convert<std::int32_t>(-2.9) == -2);
    CHECK(convert<std::int32_t>(3e9) == INT32_MAX);
    CHECK(convert<std::int32_t>(2147483647.0) == INT32_MAX);
    CHECK(convert<std::int32_t>(-3e9f) == INT32_MIN);
    CHECK(convert<std::int64_t>(9.3e18) == INT64_MAX);
    CHECK(convert<std::int64_t>(std::numeric_limits<double>::infinity()) == INT64_MAX);
    CHECK(convert<std::int64_t>(-std::numeric_limits<float>::infinity()) == INT64_MIN);
    CHECK(convert<std::int64_t>(std::nan("")) == 0);
    CHECK(convert<bool>(std::nan("")));
    CHECK(convert<bool>(0.5f));
    CHECK(convert<std::uint8_t>(std::int64_t{257}) == 1);
    CHECK(convert<bfloat16>(std::int64_t{257}) == 256.0f);
    CHECK(convert<std::uint8_t>(bfloat16(-3)) == 0);
    CHECK(convert<std::int32_t>(bfloat16(-2.5)) == -2);
    CHECK(convert<bool>(bfloat16(std::nan(""))));
}

TEST_CASE("kernels/copy: adding to what is stored in two bytes rounds the sum") {
    for_each_stored([]<class T>(Type<T>) {
        Array<T> out({5, 70}, Layout::permuted);
        Array<double> in({5, 70});
        out.random(1), in.random(2);
        const auto before = out.values();
        cpu::copy<double, T>(call(), {result(out, true), {in.abi(), {}, {}}, {}});
        bool same = true;
        for (std::int64_t i = 0; i < out.numel(); ++i) {
            const double old = before[static_cast<std::size_t>(i)], added = T(in[i]);
            same = same && out[i].bits() == T(old + added).bits();
        }
        CHECK(same);
        CHECK(out.guards_hold());
        cpu::fill<T>(call(), {result(out, true), {}, {1e9, 0}});
        CHECK(out[0].bits() == T(static_cast<double>(T(1e9))).bits());
    });
}

TEST_CASE("kernels/copy: a large transposition on two threads") {
    Array<float> in({2, 3, 97, 131}), out({2, 3, 97, 131}, Layout::channels_last);
    in.random(3);
    Threads two(2);
    cpu::copy<float, float>(call(), {out.abi(), {in.abi(), {}, {}}, {}});
    CHECK(out.same_bits(in));
    CHECK(out.guards_hold());
}

TEST_CASE("kernels/copy: fill") {
    for (Layout layout : all_layouts) {
        Array<float> x({3, 5, 70}, layout);
        cpu::fill<float>(call(), {x.abi(), {}, {1.5, 0}});
        cpu::fill<float>(call(), {result(x, true), {}, {0.25, 0}});
        for (float v : x.values()) CHECK(v == 1.75f);
        CHECK(x.guards_hold());
    }
    Array<std::uint8_t> bytes({7});
    cpu::fill<std::uint8_t>(call(), {bytes.abi(), {}, {300, 0}});
    CHECK(bytes[6] == 255);
}

}  // namespace fathom::tests
