#include "fathom/backend/cpu/reduce.hpp"

#include <cmath>
#include <limits>

#include "tests/kernels/arrays.hpp"
#include "tests/kernels/for_each_isa.hpp"

namespace fathom::tests {
namespace {

struct Wanted {
    long double value = 0;  // more than the double it is compared with
    std::int64_t index = 0;
};

// Output o of `shape` reduced to `out_shape`, element by element in row-major order.
template <class T, Reduce op>
std::vector<Wanted> reference(Array<T>& in, const Shape& out_shape) {
    std::vector<Wanted> result(static_cast<std::size_t>(out_shape.numel()), {op == Reduce::product ? 1.0L : 0.0L, 0});
    std::vector<std::int64_t> seen(result.size(), 0);
    for (std::int64_t i = 0; i < in.numel(); ++i) {
        std::int64_t rest = i, output = 0, step = 1;
        for (int d = out_shape.rank() - 1; d >= 0; --d) {
            output += out_shape[d] == 1 ? 0 : rest % in.shape()[d] * step;
            step *= out_shape[d];
            rest /= in.shape()[d];
        }
        Wanted& w = result[static_cast<std::size_t>(output)];
        std::int64_t& count = seen[static_cast<std::size_t>(output)];
        const auto x = static_cast<long double>(in[i]);
        if (op == Reduce::sum)
            w.value += x;
        else if (op == Reduce::norm)
            w.value += x * x;
        else if (op == Reduce::product)
            w.value *= x;
        else if (count == 0 ||
                 (!std::isnan(w.value) && (std::isnan(x) || (op == Reduce::max ? x > w.value : x < w.value))))
            w = {x, count};
        ++count;
    }
    if (op == Reduce::norm)
        for (Wanted& w : result) w.value = std::sqrt(w.value);
    return result;
}

template <class T, Reduce op>
void check_case(Shape shape, std::initializer_list<int> dims, Layout layout, std::initializer_list<int> repeated = {}) {
    Shape out_shape = shape;
    for (int d : dims) out_shape[d] = 1;
    using Out = kernels::Reduced<T, op>;
    constexpr bool adds = kernels::accumulates(op);
    Array<T> in(shape, layout, repeated);
    Array<Out> out(out_shape, layout), plain(out_shape);
    Array<std::int64_t> index(out_shape, layout);
    in.fill([](std::int64_t i) -> T {
        if constexpr (op == Reduce::product)
            return static_cast<T>(i % 4999 == 0           ? 3
                                  : std::is_integral_v<T> ? 1
                                                          : 1 + 1e-3 * static_cast<double>(i % 7 - 3));
        else if constexpr (!std::is_floating_point_v<T>)
            return static_cast<T>(i * 31 % 23);
        else if (!adds)
            return i % 101 == 100 ? std::numeric_limits<T>::quiet_NaN() : static_cast<T>(i * 31 % 23 - 11);
        else
            return static_cast<T>(uniform({5, 0}, static_cast<std::uint64_t>(i)) - 0.3);
    });
    out.fill([](auto) { return 1; });
    const std::vector<Wanted> want = reference<T, op>(in, out_shape);
    const double scale = adds && op != Reduce::product && std::is_floating_point_v<T> ? 0.25 : 1;
    abi::ReduceArgs args{result(out, adds), in.abi(), {}, scale};
    cpu::reduce<T, op>(call(), args);
    args.out = plain.abi();
    if (!adds) args.index = index.abi();
    cpu::reduce<T, op>(call(), args);
    int wrong = 0;
    for (std::int64_t i = 0; i < out.numel(); ++i) {
        struct {
            double value;
            std::int64_t index;
        } const w{static_cast<double>(want[static_cast<std::size_t>(i)].value),
                  want[static_cast<std::size_t>(i)].index};
        const double got = static_cast<double>(plain[i]), added = static_cast<double>(out[i]) - (adds ? 1 : 0);
        if (adds && std::is_floating_point_v<T>) {
            const double tolerance = (op == Reduce::product ? 512 : 2) *
                                     static_cast<double>(std::numeric_limits<T>::epsilon()) * (std::abs(w.value) + 8);
            wrong +=
                !(std::abs(got - scale * w.value) <= tolerance) + !(std::abs(added - scale * w.value) <= tolerance);
        } else if (adds) {
            wrong += plain[i] != static_cast<Out>(w.value) || out[i] != static_cast<Out>(1 + w.value);
        } else {
            const bool nan = std::isnan(w.value);
            wrong += (nan ? !std::isnan(got) : got != w.value) + (nan ? !std::isnan(added) : added != w.value) +
                     (index[i] != w.index);
        }
    }
    CHECK(wrong == 0);
    CHECK(out.guards_hold());
    CHECK(plain.guards_hold());
}

template <class T, Reduce op>
void check() {
    for_each_isa([] {
        for (Layout layout : all_layouts) {
            check_case<T, op>({}, {}, layout);
            check_case<T, op>({7}, {0}, layout);
            check_case<T, op>({1000}, {0}, layout);
            check_case<T, op>({5, 130}, {1}, layout);
            check_case<T, op>({5, 130}, {0}, layout);
            check_case<T, op>({130, 3}, {1}, layout);
            check_case<T, op>({2, 19, 5, 7}, {0, 2, 3}, layout);
            check_case<T, op>({2, 19, 5, 7}, {1}, layout);
            check_case<T, op>({3, 4, 5, 70}, {0, 2}, layout);
            check_case<T, op>({3, 4, 5, 70}, {1, 3}, layout);
            check_case<T, op>({2, 3, 5, 7}, {0, 1, 2, 3}, layout);
            check_case<T, op>({2, 9, 11, 13}, {}, layout);
            check_case<T, op>({3, 17, 5}, {1}, layout, {1});
            check_case<T, op>({3, 17, 5}, {0, 1}, layout, {2});
            check_case<T, op>({0, 3}, {1}, layout);
            if (kernels::accumulates(op)) check_case<T, op>({0, 3}, {0}, layout);
        }
        check_case<T, op>({2, 3, 150, 140}, {0, 2, 3}, Layout::dense);
        check_case<T, op>({2, 3, 150, 140}, {0, 2, 3}, Layout::channels_last);
        check_case<T, op>({70000}, {0}, Layout::dense);
        check_case<T, op>({700, 80}, {0}, Layout::dense);
        for (Layout layout : all_layouts) check_case<T, op>({1, 9, 67, 31}, {1}, layout);
    });
}

template <class T>
void check_type() {
    check<T, Reduce::sum>();
    check<T, Reduce::max>();
    check<T, Reduce::min>();
    check<T, Reduce::product>();
    if constexpr (std::is_floating_point_v<T>) check<T, Reduce::norm>();
}

}  // namespace

TEST_CASE("kernels/reduce: every operation, layout and ISA against a plain loop") {
    SUBCASE("float") { check_type<float>(); }
    SUBCASE("double") { check_type<double>(); }
    SUBCASE("int64") { check_type<std::int64_t>(); }
    SUBCASE("int32") { check_type<std::int32_t>(); }
    SUBCASE("uint8") { check_type<std::uint8_t>(); }
    SUBCASE("bool") {
        check<bool, Reduce::sum>();
        check<bool, Reduce::product>();
    }
}

TEST_CASE("kernels/reduce: a sum of 10 million floats rounds once") {
    const std::int64_t n = 10'000'000;
    Array<float> in({n}), out({1});
    in.fill([](std::int64_t i) { return 0.1 + 1e-3 * static_cast<double>(i % 97); });
    double want = 0;
    for (std::int64_t i = 0; i < n; ++i) want += static_cast<double>(in.data()[i]);
    for_each_isa([&] {
        cpu::reduce<float, Reduce::sum>(call(), {out.abi(), in.abi(), {}, 1});
        CHECK(std::abs(static_cast<double>(out[0]) - want) <= 6e-8 * want);
    });
}

TEST_CASE("kernels/reduce: norms and products of float may leave its range on the way") {
    Array<float> in({16}), out({1});
    in.fill([](std::int64_t i) { return i % 2 ? 1e30 : 1e-30; });
    for_each_isa([&] {
        cpu::reduce<float, Reduce::norm>(call(), {out.abi(), in.abi(), {}, 1});
        CHECK(out[0] == doctest::Approx(std::sqrt(8.0) * 1e30));
        cpu::reduce<float, Reduce::product>(call(), {out.abi(), in.abi(), {}, 1});
        CHECK(out[0] == doctest::Approx(1.0).epsilon(1e-5));
    });
}

TEST_CASE("kernels/reduce: one and two threads give the same bits") {
    for_each_isa([] {
        for (Layout layout : {Layout::dense, Layout::channels_last})
            for (Shape out_shape : {Shape{1, 1, 1, 1}, Shape{1, 20, 1, 1}, Shape{3, 20, 1, 1}, Shape{3, 1, 61, 53},
                                    Shape{1, 1, 61, 53}}) {
                Array<float> in({3, 20, 61, 53}, layout), one(out_shape), two(out_shape);
                in.random(9);
                {
                    Threads t(1);
                    cpu::reduce<float, Reduce::sum>(call(), {one.abi(), in.abi(), {}, 1});
                }
                Threads t(2);
                cpu::reduce<float, Reduce::sum>(call(), {two.abi(), in.abi(), {}, 1});
                CHECK(one.same_bits(two));
            }
    });
}

TEST_CASE("kernels/reduce: the largest of nothing is an error") {
    Array<float> in({3, 0}), out({3, 1});
    CHECK_THROWS_AS((cpu::reduce<float, Reduce::max>(call(), {out.abi(), in.abi(), {}, 1})), Error);
}

}  // namespace fathom::tests
