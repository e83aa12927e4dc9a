#include "fathom/kernels/select.hpp"

#include <cmath>

#include "fathom/backend/cpu/elementwise.hpp"
#include "tests/kernels/arrays.hpp"
#include "tests/kernels/for_each_isa.hpp"

namespace fathom::tests {
namespace {

template <class T>
void fill_values(Array<T>& x, std::int64_t factor) {
    x.fill([&](std::int64_t i) -> T {
        if (std::is_floating_point_v<T> && i % 7 == factor % 7) return static_cast<T>(NAN);
        return static_cast<T>(i * factor % 5);
    });
}

template <class T, Elementwise op, class F>
void check_compare(F want) {
    for (Layout layout : all_layouts) {
        Array<T> a({3, 4, 70}, layout), b({3, 4, 70}, Layout::dense, {1});
        Array<bool> out({3, 4, 70}, layout == Layout::dense ? Layout::permuted : Layout::dense);
        fill_values(a, 3), fill_values(b, 2);
        cpu::elementwise<T, op>(call(), {out.abi(), {a.abi(), b.abi(), {}}, {}});
        bool same = true;
        for (std::int64_t i = 0; i < out.numel(); ++i) same = same && out[i] == want(a[i], b[i]);
        CHECK(same);
        CHECK(out.guards_hold());
    }
}

template <class T>
void check_type() {
    check_compare<T, Elementwise::equal>([](T a, T b) { return a == b; });
    check_compare<T, Elementwise::not_equal>([](T a, T b) { return a != b; });
    check_compare<T, Elementwise::less>([](T a, T b) { return a < b; });
    check_compare<T, Elementwise::less_equal>([](T a, T b) { return a <= b; });
    for (Layout layout : all_layouts)
        for (bool accumulate : {false, true}) {
            Array<T> out({3, 4, 70}, layout), a({3, 4, 70}, layout), b({3, 4, 70}, Layout::dense, {0, 1, 2});
            Array<bool> c({3, 4, 70}, Layout::dense, {0});
            a.fill([](std::int64_t i) { return i % 11; }), b.fill([](auto) { return 3; }),
                out.fill([](auto) { return 1; });
            c.fill([](std::int64_t i) { return i % 3 == 0; });
            cpu::where<T>(call(), {result(out, accumulate), {c.abi(), a.abi(), b.abi()}, {}});
            bool same = true;
            for (std::int64_t i = 0; i < out.numel(); ++i)
                same = same && out[i] == static_cast<T>((accumulate ? 1 : 0) + (c[i] ? a[i] : b[i]));
            CHECK(same);
            CHECK(out.guards_hold());
        }
}

}  // namespace

TEST_CASE("kernels/select: comparisons and where, every dtype and layout") {
    check_type<float>();
    check_type<double>();
    check_type<std::int64_t>();
    check_type<std::int32_t>();
    check_type<std::uint8_t>();
    check_type<bool>();
}

TEST_CASE("kernels/select: logical_not") {
    Array<bool> in({5, 67}, Layout::permuted), out({5, 67});
    in.fill([](std::int64_t i) { return i % 3 == 0; });
    cpu::logical_not(call(), {out.abi(), {in.abi(), {}, {}}, {}});
    for (std::int64_t i = 0; i < out.numel(); ++i) CHECK(out[i] != in[i]);
}

}  // namespace fathom::tests
